import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Plugin, version } from "esbuild";
import { datasets } from "../../catalogue/datasets";
import type { Artefact } from "../../modules/artefact";
import { writeArtefact } from "./artefact-file";
import { recordValidators } from "./record-validators";
import { zip } from "./zip";

/** Handlers deployed once: their `index.ts` exports `handler`. */
const SINGLE = ["filter", "predict", "plan"];
/** Handlers deployed once per dataset: their `index.ts` exports `createHandler(dataset)`. */
const PER_DATASET = ["preprocess", "prepare"];

const ENTRY = "function";

/** What the last run built, and from which files: by it the next run knows that nothing changed. */
interface Memory {
  readonly inputs: Readonly<Record<string, string>>;
  readonly artefacts: Readonly<Record<string, Artefact>>;
}

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

/**
 * Bundles every handler into `<directory>/<function>.zip`, all in one esbuild call. The zips' bytes depend on the
 * sources only; when no source changed since the last run, the files of that run are reused.
 */
export async function buildHandlers(root: string, directory: string): Promise<Record<string, Artefact>> {
  const memoryFile = join(directory, "memory.json");
  const remembered = recall(root, memoryFile);
  if (remembered) return remembered;

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
  const artefacts = Object.fromEntries(
    names.map((name) => {
      const output = outputFiles.find(({ path }) => path === resolve(root, "dist", `${name}.js`));
      if (!output) throw new Error(`esbuild made no bundle of the function "${name}"`);
      return [name, writeArtefact(join(directory, `${name}.zip`), zip({ "index.js": output.contents }))];
    }),
  );
  const files = Object.keys(metafile.inputs).filter((path) => existsSync(resolve(root, path)));
  const memory: Memory = { artefacts, inputs: fingerprints(root, files) };
  writeFileSync(memoryFile, JSON.stringify(memory));
  return artefacts;
}

function recall(root: string, memoryFile: string): Record<string, Artefact> | undefined {
  if (!existsSync(memoryFile)) return undefined;
  const { inputs, artefacts } = JSON.parse(readFileSync(memoryFile, "utf8")) as Memory;
  const same =
    Object.values(artefacts).every(({ path }) => existsSync(path)) &&
    JSON.stringify(
      fingerprints(
        root,
        Object.keys(inputs).filter((path) => path !== TOOLS),
      ),
    ) === JSON.stringify(inputs);
  return same ? artefacts : undefined;
}

/** The bundler itself, its settings and its plug-ins: they are in the program that runs now. */
const TOOLS = "(tools)";

function fingerprints(root: string, files: readonly string[]): Record<string, string> {
  const tools = createHash("sha256").update(version).update(readFileSync(__filename)).digest("hex");
  return {
    [TOOLS]: tools,
    ...Object.fromEntries(
      files.map((path) => {
        const stats = statSync(resolve(root, path), { throwIfNoEntry: false });
        return [path, stats ? `${stats.size}:${stats.mtimeMs}` : "gone"];
      }),
    ),
  };
}
