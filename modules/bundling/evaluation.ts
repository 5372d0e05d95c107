import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import type { Artefact } from "../storage/artefact";

/** Folders of `containers` that make the program, and where in its own folder each goes. */
const PARTS = [
  { folder: "jobs", place: "" },
  { folder: "xgboost/vwt_rows", place: "vwt_rows/" },
];

/** The files of the evaluation program, by their paths in its folder, as they are uploaded for processing jobs. */
export function evaluationCode(root: string): readonly Artefact[] {
  return PARTS.flatMap(({ folder, place }) =>
    readdirSync(join(root, "containers", folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".py"))
      .sort()
      .map((name) => {
        const path = join(root, "containers", folder, name);
        const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
        return { name: `${place}${name.split(sep).join("/")}`, path, sha256 };
      }),
  );
}
