import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { datasets } from "../../catalogue/datasets";
import { Naming } from "../../modules/naming";
import { root } from "./paths";
import type { System } from "./system";

/** One object of training records each: enough that several are preprocessed side by side. */
const OBJECTS = 4;
const SEED = 20261123;
const NOW = "2026-11-01T00:00:00Z";

/** Writes synthetic training records of every dataset to its data bucket; says how many players there are in all. */
export async function uploadSampleData(
  { s3, config }: System,
  players: number,
  at: (what: string) => void = () => {},
): Promise<number> {
  const naming = new Naming(config);
  for (const dataset of datasets) {
    const Bucket = naming.of("bucket", "data", dataset.name);
    const prefix = `records/sample-${players}-`;
    const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefix }));
    if (KeyCount === OBJECTS) continue; // The generator is deterministic: the same records are there.
    at(dataset.name);
    const lines: string[][] = Array.from({ length: OBJECTS }, () => []);
    let index = 0;
    for (const { record } of dataset.generate({ seed: SEED, players, now: NOW })) {
      lines[index++ % OBJECTS]?.push(JSON.stringify(record));
    }
    for (const [part, records] of lines.entries()) {
      await s3.send(new PutObjectCommand({ Bucket, Key: `${prefix}${part}.jsonl`, Body: `${records.join("\n")}\n` }));
    }
  }
  return players * datasets.length;
}

/** The sample records of every dataset, as one batch. */
export const sampleBatch = (): unknown[] =>
  datasets.flatMap(({ name }) =>
    readFileSync(join(root, "catalogue", "datasets", name, "sample.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  );
