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
import { readerFor } from "../../../handlers/retraining/prepare/omissions";

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

  const label = labelOf(model);
  const days = new Map<number, number>();
  for (const record of records) {
    const day = dayOfInstant(record.asOf);
    days.set(day, (days.get(day) ?? 0) + Number(label(record) !== null));
  }
  async function* object(): AsyncIterable<Buffer> {
    for (const record of records) yield Buffer.from(`${JSON.stringify(record)}\n`);
  }
  const { rejected } = await prepare(
    { runId: "run", keys: ["records/all"], modified: [0] },
    async () => object(),
    createLineReader(
      readerFor(model, recordReader(datasetNamed(model.dataset), ONE_CURRENCY)),
      label,
      ({ playerId }) => playerId,
      new Map(),
      scalingOf(model),
    ),
    async (key, body) => write(join("data", ...key.split("/").slice(-2)), body),
    { revision: { files: [], from: timeCut(days).from ?? Number.POSITIVE_INFINITY } },
  );
  if (rejected > 0) throw new Error(`${rejected} of ${records.length} records for ${model.name} were rejected`);
}
