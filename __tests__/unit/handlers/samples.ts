import { readFileSync } from "node:fs";
import { join } from "node:path";
import { datasets } from "../../../catalogue/datasets";

const root = join(__dirname, "../../../catalogue/datasets");

type Sample = Readonly<Record<string, unknown>> & { readonly dataset: string };

/** The example records of every dataset, from the least to the most risk; drawing them anew takes a second. */
export const samples: readonly Sample[] = datasets.flatMap(({ name }) =>
  readFileSync(join(root, name, "sample.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line)),
);

export const samplesOf = (dataset: string) => samples.filter((record) => record.dataset === dataset);
