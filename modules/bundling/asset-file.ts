import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Asset } from "../storage/asset";

/** Describes a file with these bytes as an asset. */
export const assetOf = (path: string, bytes: Uint8Array): Asset => ({
  name: basename(path),
  path,
  sha256: createHash("sha256").update(bytes).digest("hex"),
});

/** Writes an asset as a whole or not at all, so that two runs side by side never read half of one. */
export function writeAsset(path: string, bytes: Uint8Array): Asset {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, bytes);
  renameSync(partial, path);
  return assetOf(path, bytes);
}
