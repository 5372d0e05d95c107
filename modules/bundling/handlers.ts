import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Asset } from "../storage/asset";
import { writeAsset } from "./asset-file";

/** Remembers what the last run built, and from which files, so that the next run knows when nothing changed. */
interface Memory {
  readonly inputs: Readonly<Record<string, string>>;
  readonly bundles: Readonly<Record<string, Asset>>;
}

/** Stands for the thousand files of packages: npm writes it at every installation. */
const INSTALLED = "node_modules/.package-lock.json";

/**
 * Bundles every handler into `<directory>/<function>.zip`. The zips' bytes depend on the sources only; when no source
 * changed since the last run, the files of that run are reused, and nothing that bundles is even loaded.
 */
export async function buildHandlers(root: string, directory: string): Promise<Record<string, Asset>> {
  const memoryFile = join(directory, "memory.json");
  const remembered = recall(root, memoryFile);
  if (remembered) return remembered;

  const { bundleHandlers } = await import("./bundle-handlers");
  const { zips, inputs } = await bundleHandlers(root);
  const bundles = Object.fromEntries(
    Object.entries(zips).map(([name, bytes]) => [name, writeAsset(join(directory, `${name}.zip`), bytes)]),
  );
  const own = inputs.filter((path) => !path.startsWith("node_modules/") && existsSync(resolve(root, path)));
  const memory: Memory = { bundles, inputs: fingerprints(root, own) };
  writeFileSync(memoryFile, JSON.stringify(memory));
  return bundles;
}

function recall(root: string, memoryFile: string): Record<string, Asset> | undefined {
  if (!existsSync(memoryFile)) return undefined;
  const { inputs, bundles } = JSON.parse(readFileSync(memoryFile, "utf8")) as Partial<Memory>;
  // Written by another version of this program.
  if (inputs === undefined || bundles === undefined) return undefined;
  const now = fingerprints(root, Object.keys(inputs));
  const same =
    Object.values(bundles).every(({ path }) => existsSync(path)) && JSON.stringify(now) === JSON.stringify(inputs);
  return same ? bundles : undefined;
}

/** Folders that decide on bundles without being in them: the bundler, and all that record schemas are made of. */
const DECIDING = ["catalogue", "contracts", "modules/bundling"];

/** Takes size and time of the files given and of all deciding ones, by path; a file that came or went shows too. */
function fingerprints(root: string, files: readonly string[]): Record<string, string> {
  const deciding = DECIDING.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${folder}/${name}`),
  );
  const all = [...new Set([...files, ...deciding, INSTALLED])].sort();
  return Object.fromEntries(
    all.map((path) => {
      const stats = statSync(resolve(root, path), { throwIfNoEntry: false });
      return [path, stats ? `${stats.size}:${stats.mtimeMs}` : "gone"];
    }),
  );
}
