import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { asTexts } from "../../../catalogue/algorithms/algorithm";
import { datasetNamed } from "../../../catalogue/datasets";
import type { TrainingRecord } from "../../../catalogue/datasets/kit/dataset";
import { ONE_CURRENCY } from "../../../catalogue/datasets/kit/money";
import { dayOfInstant } from "../../../catalogue/datasets/kit/time";
import { hyperparametersOf, labelOf, type Model } from "../../../catalogue/models";
import { timeCut } from "../../../catalogue/training/out-of-time";
import { scalingOf } from "../../../catalogue/training/scaling";
import { recordReader } from "../../../handlers/lib/records/records";
import { createLineReader } from "../../../handlers/retraining/prepare/line";
import { prepare } from "../../../handlers/retraining/prepare/logic";
import { modelReader } from "../../../handlers/retraining/prepare/model-reader";

/** Makes the reader of a model's records whose amounts are all in one currency. */
export const readerOf = (model: Model) => modelReader(model, recordReader(datasetNamed(model.dataset), ONE_CURRENCY));

/** Finds from when on a run of these records alone tests with them and does not train on them, in milliseconds. */
export function latestFrom(model: Model, records: Iterable<TrainingRecord>): number {
  const [label, { lacks }] = [labelOf(model), readerOf(model)];
  const days = new Map<number, number>();
  for (const record of records) {
    const day = dayOfInstant(record.asOf);
    const isLabelled = lacks(record).length === 0 && label(record) !== null;
    days.set(day, (days.get(day) ?? 0) + Number(isLabelled));
  }
  return timeCut(days).from ?? Number.POSITIVE_INFINITY;
}

/**
 * Writes what a training finds in `input/` of its container, and the test rows beside its channels: rows as a run
 * prepares them, the latest held back, and hyperparameters. Throws when a record is rejected.
 */
export async function writeTraining(model: Model, records: readonly TrainingRecord[], folder: string): Promise<void> {
  const write = (path: string, body: string | Buffer) => {
    mkdirSync(dirname(join(folder, "input", path)), { recursive: true });
    writeFileSync(join(folder, "input", path), body);
  };
  write("config/hyperparameters.json", JSON.stringify(asTexts({ ...hyperparametersOf(model), nthread: 1 })));

  async function* object(): AsyncIterable<Buffer> {
    for (const record of records) yield Buffer.from(`${JSON.stringify(record)}\n`);
  }
  const { rejected } = await prepare(
    { runId: "run", keys: ["records/all"], modified: [0] },
    async () => object(),
    createLineReader(readerOf(model), labelOf(model), ({ playerId }) => playerId, new Map(), scalingOf(model)),
    async (key, body) => write(join("data", ...key.split("/").slice(-2)), body),
    { revision: { files: [], from: latestFrom(model, records) } },
  );
  if (rejected > 0) throw new Error(`${rejected} of ${records.length} records for ${model.name} were rejected`);
}
