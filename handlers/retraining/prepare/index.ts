import { S3Client } from "@aws-sdk/client-s3";
import type { Dataset, RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import { labellingTask } from "../../../catalogue/labelling/modes";
import { models } from "../../../catalogue/models";
import { TARGETS } from "../../../catalogue/targets";
import { readEnvironment } from "../../../contracts/environment";
import { type Counts, groupName, runKey, SPLITS } from "../../../contracts/run-layout";
import { clientOptions } from "../../lib/aws/clients";
import { type ObjectStore, objectStore } from "../../lib/aws/objects";
import type { Context } from "../../lib/http/api-gateway";
import { recordReader } from "../../lib/records/records";
import { entryOf, moneyOf } from "../../lib/util/environment";
import { createTelemetry } from "../../lib/util/telemetry";
import { createLineReader } from "./line";
import { type PrepareInput, prepare } from "./logic";

/** Enough to upload what is in memory; after it, Lambda would end the run without saying why. */
const RESERVE_MS = 20_000;

/** The handler of `prepare-<dataset>`: the bundle's entry passes the one dataset that it holds. */
export function createHandler<R extends RecordIdentity, N extends string>(dataset: Dataset<R, N>) {
  const environment = readEnvironment("prepare", process.env);
  const telemetry = createTelemetry("prepare", environment);
  const client = new S3Client({
    // Many small objects, read by many groups side by side, are more requests than S3 takes of one prefix at first.
    ...clientOptions({ timeoutMs: 60_000, maxAttempts: 10 }),
    // TLS guards the transfer; the checksum of gigabytes in JavaScript would cost more than reading them.
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  const reader = recordReader(dataset, moneyOf(environment));

  return async (input: PrepareInput, context: Context): Promise<Counts> => {
    const model = models.find(({ name }) => name === input.model);
    if (model?.dataset !== dataset.name) throw new Error(`${input.model} is no model of ${dataset.name}`);
    const data = objectStore(client, entryOf(environment, "DATA_BUCKETS", dataset.name));
    const work = objectStore(client, entryOf(environment, "MODEL_BUCKETS", model.name));

    const beforeChunk = (key: string) => {
      if (context.getRemainingTimeInMillis() < RESERVE_MS) {
        throw new Error(`${key} is too large for one run of the function; split it into smaller objects`);
      }
    };
    const { label, judgedByPeople: keepUnlabelled } = TARGETS[model.target];
    const agreed = keepUnlabelled ? JSON.parse(await work.text(runKey(input.runId, "labels.json"))) : {};
    const readLine = createLineReader(
      reader,
      label,
      (record) => labellingTask(model.name, record),
      new Map(Object.entries<number>(agreed)),
    );
    const duplicates = input.again ? await clearForAnother(input, work) : undefined;
    const counts = await prepare(input, data.open, readLine, work.put, {
      beforeChunk,
      keepUnlabelled,
      ...(duplicates && { duplicates }),
    });

    const { rows, unlabelled, duplicates: leftOut, rejected, lines } = counts;
    const { runId, keys } = input;
    telemetry.info("prepared", {
      model: model.name,
      runId,
      objects: keys.length,
      ...rows,
      unlabelled,
      duplicates: leftOut,
      rejected,
      lines,
    });
    telemetry.measure("model", model.name, {
      TrainingRows: rows.train + rows.validation + rows.test,
      TrainingRowsRejected: rejected,
    });
    return counts;
  };
}

/** Folders whose parts may become fewer. */
const FOLDERS = [...SPLITS, "context", "unlabelled"] as const;

/** Removes what the group has left, because it may leave less now; returns what to leave out. */
async function clearForAnother({ runId, keys }: PrepareInput, work: ObjectStore): Promise<Buffer> {
  const group = groupName(keys[0]);
  const duplicates = await work.bytes(runKey(runId, `duplicates/${group}.bin`));
  for (const folder of FOLDERS) await work.removeAll(`${runKey(runId, folder)}/${group}-`);
  return duplicates;
}
