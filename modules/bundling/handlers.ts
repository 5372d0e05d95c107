import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Asset } from "../storage/asset";
import { writeAsset } from "./asset-file";

/** Remembers what the last run built, and from which files, so that the next run knows when nothing changed. */
interface Memory {
  readonly inputs: Readonly<Record<string, string>>;
  /** SHA-256 of each function's zip, hexadecimal. */
  readonly zips: Readonly<Record<string, string>>;
}

/** Stands for the thousand files of packages: npm writes it at every installation. */
const INSTALLED = "node_modules/.package-lock.json";

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
  const memory: Memory = { zips: hashes, inputs: fingerprints(root, own) };
  writeAsset(memoryFile, Buffer.from(JSON.stringify(memory)));
  return bundles;
}

/** Finds the bundles of the last run; `undefined` when a source changed since, or a file is not what that run wrote. */
function recall(root: string, directory: string, memoryFile: string): Record<string, Asset> | undefined {
  const { inputs, zips } = read(memoryFile);
  if (inputs === undefined || zips === undefined) return undefined;
  if (JSON.stringify(fingerprints(root, Object.keys(inputs))) !== JSON.stringify(inputs)) return undefined;
  const bundles = Object.entries(zips).map(([name, sha256]): [string, Asset] => {
    const path = join(directory, `${name}.zip`);
    return [name, { name: `${name}.zip`, path, sha256 }];
  });
  // What is deployed under a hash stays deployed, so a damaged file must never get there.
  const intact = bundles.every(([, { path, sha256 }]) => existsSync(path) && hashOf(readFileSync(path)) === sha256);
  return intact ? Object.fromEntries(bundles) : undefined;
}

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Reads what was remembered; nothing of what another version of this program wrote, or nobody finished. */
function read(memoryFile: string): Partial<Memory> {
  try {
    return Object(JSON.parse(readFileSync(memoryFile, "utf8")));
  } catch {
    return {};
  }
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
