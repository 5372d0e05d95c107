import { resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { datasets } from "../../catalogue/datasets";
import { type DeployedFunction, deployedFunctions, FUNCTIONS } from "../../contracts/functions";
import { recordValidators } from "./record-validators";
import { zip } from "./zip";

const ENTRY = "function";

/**
 * Writes the source of a function's entry point. The `index.ts` of a function exports `handler`, or `handlerOf(dataset)`
 * when it is deployed per dataset.
 */
function entrySource({ of, dataset }: DeployedFunction): string {
  const index = `./handlers/${FUNCTIONS[of].room}/${of}/index`;
  if (dataset === undefined) return `export { handler } from "${index}";`;
  return `
    import { ${camelCase(dataset)} } from "./catalogue/datasets/${dataset}/index";
    import { handlerOf } from "${index}";
    export const handler = handlerOf(${camelCase(dataset)});`;
}

/** Makes the name under which a dataset's folder exports it. */
const camelCase = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const entryPoints = (root: string, functions: readonly DeployedFunction[]): Plugin => ({
  name: "entry-points",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: new RegExp(`^${ENTRY}:`) }, ({ path }) => ({
      path: path.slice(ENTRY.length + 1),
      namespace: ENTRY,
    }));
    onLoad({ filter: /.*/, namespace: ENTRY }, ({ path }) => {
      const found = functions.find(({ name }) => name === path);
      return found && { contents: entrySource(found), loader: "ts", resolveDir: root };
    });
  },
});

interface Bundles {
  /** Zip archives, by function. */
  readonly zips: Readonly<Record<string, Uint8Array>>;
  /** Files that they were made of, relative to the root. */
  readonly inputs: readonly string[];
}

/** Bundles every handler, all in one esbuild call. Loaded only when something changed. */
export async function bundleHandlers(root: string): Promise<Bundles> {
  const functions = deployedFunctions(datasets.map(({ name }) => name));
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: functions.map(({ name }) => ({ in: `${ENTRY}:${name}`, out: name })),
    outdir: "dist",
    plugins: [entryPoints(root, functions), recordValidators(root)],
    bundle: true,
    write: false,
    metafile: true,
    format: "cjs",
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
  });
  const zips = functions.map(({ name }) => {
    const output = outputFiles.find(({ path }) => path === resolve(root, "dist", `${name}.js`));
    if (!output) throw new Error(`esbuild made no bundle of the function "${name}"`);
    return [name, zip({ "index.js": output.contents })] as const;
  });
  return { zips: Object.fromEntries(zips), inputs: Object.keys(metafile.inputs) };
}
