import { resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { datasets } from "../../catalogue/datasets";
import { recordValidators } from "./record-validators";
import { zip } from "./zip";

/** Handlers deployed once: their `index.ts` exports `handler`. */
const SINGLE = [
  "filter",
  "predict",
  "plan",
  "tally",
  "ask",
  "collect",
  "check-request",
  "gate",
  "await-approval",
  "probe",
  "prune",
  "labelling",
  "drift",
];
/** Handlers deployed once per dataset: their `index.ts` exports `createHandler(dataset)`. */
const PER_DATASET = ["preprocess", "prepare"];

const ENTRY = "function";

/** The source of a function's entry point. */
function entrySource(name: string): string {
  if (SINGLE.includes(name)) return `export { handler } from "./handlers/${name}/index";`;
  const kind = PER_DATASET.find((each) => name.startsWith(`${each}-`)) as string;
  const dataset = name.slice(kind.length + 1);
  return `
    import { ${camelCase(dataset)} } from "./catalogue/datasets/${dataset}/index";
    import { createHandler } from "./handlers/${kind}/index";
    export const handler = createHandler(${camelCase(dataset)});`;
}

/** A dataset's folder exports it under this name. */
const camelCase = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const entryPoints = (root: string): Plugin => ({
  name: "entry-points",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: new RegExp(`^${ENTRY}:`) }, ({ path }) => ({
      path: path.slice(ENTRY.length + 1),
      namespace: ENTRY,
    }));
    onLoad({ filter: /.*/, namespace: ENTRY }, ({ path }) => ({
      contents: entrySource(path),
      loader: "ts",
      resolveDir: root,
    }));
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
  const names = [...SINGLE, ...PER_DATASET.flatMap((kind) => datasets.map(({ name }) => `${kind}-${name}`))];
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: `${ENTRY}:${name}`, out: name })),
    outdir: "dist",
    plugins: [entryPoints(root), recordValidators(root)],
    bundle: true,
    write: false,
    metafile: true,
    format: "cjs",
    platform: "node",
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
  const zips = names.map((name) => {
    const output = outputFiles.find(({ path }) => path === resolve(root, "dist", `${name}.js`));
    if (!output) throw new Error(`esbuild made no bundle of the function "${name}"`);
    return [name, zip({ "index.js": output.contents })] as const;
  });
  return { zips: Object.fromEntries(zips), inputs: Object.keys(metafile.inputs) };
}
