import { resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { datasets } from "../../catalogue/datasets";
import { type DeployedFunction, deployedFunctions, FUNCTIONS } from "../../contracts/functions";
import { bundlePackages, OPTIONS } from "./bundle-packages";
import { recordValidators } from "./record-validators";
import { pack, zip } from "./zip";

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

/** Leaves out what our files import from packages; `bundlePackages` bundles it. */
const withoutPackages: Plugin = {
  name: "without-packages",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) =>
      kind === "import-statement" && !/[\\/]node_modules[\\/]/.test(importer) ? { path, external: true } : undefined,
    ),
};

/** Import of names from a package, as esbuild writes it. */
const IMPORT = /import\{([^{}]+)\}from"([^"]+)";/g;

/**
 * Turns a function's ES module into a CommonJS module, whose imports from packages come from `packages.js` beside it,
 * and the source of that. Throws for imports that are written in another way than `import { … } from "…"`.
 */
function separate(name: string, code: string, imported: readonly string[]) {
  const imports: { readonly names: string; readonly from: string }[] = [];
  const own = code
    .replace(IMPORT, (_, names: string, from: string) => {
      imports.push({ names, from });
      return "";
    })
    .replace(/export\{handler\};\s*$/, "exports.handler=handler;");
  const found = imports.map(({ from }) => from);
  const missed = [...new Set([...found, ...imported])].filter(
    (each) => !(found.includes(each) && imported.includes(each)),
  );
  if (missed.length > 0) {
    throw new Error(`${name} imports ${missed.join(", ")} in another way than import { … } from "…"`);
  }
  const locals = imports.flatMap(({ names }) => names.split(",").map((each) => each.replace(/^.* as /, "")));
  return {
    own: `"use strict";const{${locals.join()}}=require("./packages.js");${own}`,
    packages: imports
      .map(({ names, from }) => `export{${names}}from"${from}";`)
      .sort()
      .join("\n"),
  };
}

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
    ...OPTIONS,
    absWorkingDir: root,
    entryPoints: functions.map(({ name }) => ({ in: `${ENTRY}:${name}`, out: name })),
    outdir: "dist",
    metafile: true,
    format: "esm",
    plugins: [entryPoints(root, functions), recordValidators(root), withoutPackages],
  });
  const parts = functions.map(({ name }) => {
    const output = outputFiles.find(({ path }) => path === resolve(root, "dist", `${name}.js`));
    const described = metafile.outputs[`dist/${name}.js`];
    if (!output || !described) throw new Error(`esbuild made no bundle of the function "${name}"`);
    const imported = described.imports.filter(({ external }) => external).map(({ path }) => path);
    return { name, ...separate(name, output.text, imported) };
  });
  const packages = await bundlePackages(root, new Set(parts.map((part) => part.packages)));
  const zips = parts.map(({ name, own, packages: source }) => [
    name,
    zip({ "index.js": pack(Buffer.from(own)), "packages.js": packages.get(source) as Uint8Array }),
  ]);
  return { zips: Object.fromEntries(zips), inputs: Object.keys(metafile.inputs) };
}
