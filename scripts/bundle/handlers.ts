import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { version } from "esbuild";
import type { Artefact } from "../../modules/artefact";
import { writeArtefact } from "./artefact-file";

/** What the last run built, and from which files: by it the next run knows that nothing changed. */
interface Memory {
  readonly inputs: Readonly<Record<string, string>>;
  readonly artefacts: Readonly<Record<string, Artefact>>;
}

/** Stands for the thousand files of packages: npm writes it at every installation. */
const INSTALLED = "node_modules/.package-lock.json";

/**
 * Bundles every handler into `<directory>/<function>.zip`. The zips' bytes depend on the sources only; when no source
 * changed since the last run, the files of that run are reused, and nothing that bundles is even loaded.
 */
export async function buildHandlers(root: string, directory: string): Promise<Record<string, Artefact>> {
  const memoryFile = join(directory, "memory.json");
  const remembered = recall(root, memoryFile);
  if (remembered) return remembered;

  const { bundleHandlers } = await import("./bundle-handlers");
  const { zips, inputs } = await bundleHandlers(root);
  const artefacts = Object.fromEntries(
    Object.entries(zips).map(([name, bytes]) => [name, writeArtefact(join(directory, `${name}.zip`), bytes)]),
  );
  const own = inputs.filter((path) => !path.startsWith("node_modules/") && existsSync(resolve(root, path)));
  const memory: Memory = { artefacts, inputs: fingerprints(root, [...own, INSTALLED]) };
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
