import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { json, object, recordOf, text } from "../../contracts/parse";
import type { Asset } from "../storage/asset";
import { assetOf, writeAsset } from "./asset-file";
import { fingerprint, INSTALLED } from "./kept.cjs";

/** What the last run built, and from which files, by which the next run knows when nothing changed. */
const memory = json(
  object({
    inputs: recordOf(text),
    /** SHA-256 of each function's zip, hexadecimal. */
    zips: recordOf(text),
  }),
);
type Memory = ReturnType<typeof memory>;

/**
 * Bundles every handler into `<directory>/<function>.zip`. The zips' bytes depend on the sources only; when no source
 * changed since the last run, the files of that run are reused, and nothing that bundles is even loaded.
 */
export async function buildHandlers(root: string, directory: string): Promise<Record<string, Asset>> {
  const memoryFile = join(directory, "memory.json");
  const remembered = recall(root, directory, memoryFile);
  if (remembered) return remembered;

  const { bundleHandlers } = await import("./bundle-handlers");
  const { zips, inputs } = await bundleHandlers(root);
  const bundles = Object.fromEntries(
    Object.entries(zips).map(([name, bytes]) => [name, writeAsset(join(directory, `${name}.zip`), bytes)]),
  );
  const own = inputs.filter((path) => !path.startsWith("node_modules/") && existsSync(resolve(root, path)));
  const hashes = Object.fromEntries(Object.entries(bundles).map(([name, { sha256 }]) => [name, sha256]));
  const remember: Memory = { zips: hashes, inputs: fingerprints(root, own) };
  writeAsset(memoryFile, Buffer.from(JSON.stringify(remember)));
  return bundles;
}

/** Finds the bundles of the last run; `undefined` when a source changed since, or a file is not what that run wrote. */
function recall(root: string, directory: string, memoryFile: string): Record<string, Asset> | undefined {
  const last = read(memoryFile);
  if (!last || JSON.stringify(fingerprints(root, Object.keys(last.inputs))) !== JSON.stringify(last.inputs)) {
    return undefined;
  }
  const bundles: Record<string, Asset> = {};
  for (const [name, sha256] of Object.entries(last.zips)) {
    const path = join(directory, `${name}.zip`);
    const found = existsSync(path) ? assetOf(path, readFileSync(path)) : undefined;
    // What is deployed under a hash stays deployed, so a damaged file must never get there.
    if (found?.sha256 !== sha256) return undefined;
    bundles[name] = found;
  }
  return bundles;
}

/** Reads what was remembered; nothing of what another version of this program wrote, or nobody finished. */
function read(memoryFile: string): Memory | undefined {
  try {
    return memory(readFileSync(memoryFile, "utf8"));
  } catch {
    return undefined;
  }
}

/** Folders that decide on bundles without being in them: the bundler, and all that record schemas are made of. */
const DECIDING = ["catalogue", "contracts", "modules/bundling"];
/** Files that do: what esbuild takes TypeScript for, and the packages. */
const SETTINGS = ["tsconfig.json", INSTALLED];

/** Takes size and time of the files given and of all deciding ones, by path; a file that came or went shows too. */
function fingerprints(root: string, files: readonly string[]): Record<string, string> {
  const deciding = DECIDING.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${folder}/${name}`),
  );
  const all = [...new Set([...files, ...deciding, ...SETTINGS])].sort();
  return Object.fromEntries(all.map((path) => [path, fingerprint(root, path)]));
}
