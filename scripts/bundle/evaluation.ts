import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import type { Artefact } from "../../modules/artefact";

/** The files of the evaluation program, by their paths in its folder, as they are uploaded for processing jobs. */
export function evaluationCode(root: string): readonly Artefact[] {
  const folder = join(root, "containers", "xgboost", "evaluate");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".py"))
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
      return { name: name.split(sep).join("/"), path, sha256 };
    });
}
