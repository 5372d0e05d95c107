import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { datasetNamed, datasets } from "../../catalogue/datasets";
import type { Dataset } from "../../catalogue/datasets/kit/dataset";
import { RECORDS } from "../../contracts/data-layout";
import { Naming } from "../../modules/base/naming";
import { root } from "./paths";
import type { System } from "./system";

/** Number of objects with training records of each dataset: enough that several are read side by side. */
const OBJECTS = 4;
const SEED = 20261123;
const NOW = "2026-11-01T00:00:00Z";

/** Generates the players of a dataset's sample, each with the true probability of its label. */
export const sampleOf = (dataset: Dataset, players: number) => dataset.generate({ seed: SEED, players, now: NOW });

const prefixOf = (players: number): string => `${RECORDS}sample-${players}-`;

/** Lists the keys of a dataset's sample objects. */
export const sampleKeys = (players: number): string[] =>
  Array.from({ length: OBJECTS }, (_, part) => `${prefixOf(players)}${part}.jsonl`);

/** Writes synthetic training records of the datasets to their data buckets. */
export async function uploadSampleData(
  { s3, config }: System,
  players: number,
  at: (what: string) => void = () => {},
  names: readonly string[] = datasets.map(({ name }) => name),
): Promise<void> {
  const naming = new Naming(config);
  for (const dataset of names.map(datasetNamed)) {
    const Bucket = naming.of("bucket", "data", dataset.name);
    const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: prefixOf(players) }));
    if (KeyCount === OBJECTS) continue; // The generator is deterministic: the same records are there.
    at(dataset.name);
    const lines: string[][] = Array.from({ length: OBJECTS }, () => []);
    let index = 0;
    for (const { record } of sampleOf(dataset, players)) {
      lines[index++ % OBJECTS]?.push(JSON.stringify(record));
    }
    for (const [part, Key] of sampleKeys(players).entries()) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: `${lines[part]?.join("\n")}\n` }));
    }
  }
}

/** The sample records of every dataset, as one batch of at most so many: the same number of each. */
export const sampleBatch = (most = Number.POSITIVE_INFINITY): unknown[] =>
  datasets
    .flatMap(({ name }) =>
      readFileSync(join(root, "catalogue", "datasets", name, "sample.jsonl"), "utf8")
        .trimEnd()
        .split("\n")
        .slice(0, Math.max(1, Math.floor(most / datasets.length)))
        .map((line) => JSON.parse(line) as unknown),
    )
    .slice(0, most);
