import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { fingerprint, INSTALLED, KEPT, keep, recall } from "./kept.cjs";
import { pack } from "./zip";

/** How bundles of functions are written, their own code and that of packages. */
export const OPTIONS = {
  bundle: true,
  write: false,
  platform: "node",
  // Functions run on Node 22 in AWS and on that of the machine locally, which may be 20.
  target: "node20",
  // The ES modules of the AWS SDK can be tree-shaken, its CommonJS cannot: a third less code and load time.
  mainFields: ["module", "main"],
  // Bundles name modules by path: the path of a link, not that of its target somewhere on this machine.
  preserveSymlinks: true,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "error",
} as const satisfies BuildOptions;

const FROM_ENVIRONMENT = "@aws-sdk/credential-provider-env";

/**
 * Has clients look for credentials in the environment alone, where Lambda puts them. The chain that they try by default
 * knows profiles, single sign-on and instances too, which is a quarter of a function's code.
 */
const credentialsFromEnvironment: Plugin = {
  name: "credentials-from-environment",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]credential-provider-node[\\/]dist-es[\\/]index\.js$/ }, ({ path }) => ({
      contents: `export { fromEnv as defaultProvider } from "${FROM_ENVIRONMENT}";`,
      // It is a package of that package, not one of ours.
      resolveDir: dirname(path),
    })),
};

/**
 * Bundles what functions import from packages: each source, which exports it, becomes a packed CommonJS module. They
 * change with the packages and with what is imported, thus seldom, and are most of every bundle; so they are kept in
 * `node_modules`, for one installation of the packages.
 */
export async function bundlePackages(root: string, sources: Iterable<string>): Promise<Map<string, Uint8Array>> {
  const bundles = new Map<string, Uint8Array>();
  const missing: string[] = [];
  for (const source of sources) {
    const known = recall(fileOf(root, source));
    if (known) bundles.set(source, known);
    else missing.push(source);
  }
  if (missing.length === 0) return bundles;
  for (const [source, code] of await bundle(root, missing)) {
    const packed = pack(code);
    keep(fileOf(root, source), packed);
    bundles.set(source, packed);
  }
  return bundles;
}

async function bundle(root: string, sources: readonly string[]): Promise<[source: string, code: Uint8Array][]> {
  const { outputFiles } = await build({
    ...OPTIONS,
    absWorkingDir: root,
    entryPoints: sources.map((_, index) => ({ in: `packages:${index}`, out: `${index}` })),
    outdir: "dist",
    format: "cjs",
    plugins: [
      {
        name: "packages",
        setup({ onLoad, onResolve }) {
          onResolve({ filter: /^packages:/ }, ({ path }) => ({ path, namespace: "packages" }));
          onLoad({ filter: /^packages:/, namespace: "packages" }, ({ path }) => ({
            contents: sources[Number(path.split(":")[1])] as string,
            resolveDir: root,
          }));
        },
      },
      credentialsFromEnvironment,
    ],
  });
  const byPath = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  return sources.map((source, index) => [source, byPath.get(resolve(root, "dist", `${index}.js`)) as Uint8Array]);
}

/** Names the file of a bundle after all that decides on it, this file among it. */
function fileOf(root: string, source: string): string {
  const builder = readFileSync(join(root, "modules/bundling/bundle-packages.ts"), "utf8");
  const key = createHash("sha256")
    .update([fingerprint(root, INSTALLED), source, builder].join("\n"))
    .digest("hex");
  return join(root, KEPT, key);
}
