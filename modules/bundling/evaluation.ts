import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Asset } from "../storage/asset";
import { assetOf } from "./asset-file";

/** Folders of `containers` whose contents make the folder of the jobs' programs. */
const FOLDERS = ["jobs", "common"];

/**
 * Paths of programs and of what they read; tools leave JSON of their own beside them, in folders such as `.mypy_cache`.
 */
const FILE = /^[\w/]+\.(json|py)$/;

/**
 * Lists the files of the processing jobs' programs, which are uploaded for them, by their paths in the jobs' folder.
 */
export function evaluationCode(root: string): readonly Asset[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, "containers", folder), { recursive: true, encoding: "utf8" })
      .filter((name) => FILE.test(name))
      .sort()
      .map((name) => {
        const path = join(root, "containers", folder, name);
        return { ...assetOf(path, readFileSync(path)), name };
      }),
  );
}
