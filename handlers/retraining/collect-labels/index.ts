import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { readEnvironment } from "../../../contracts/environment";
import { RUN_FILES, runKey, type Unlabelled } from "../../../contracts/run-layout";
import { clientOptions } from "../../lib/aws/clients";
import { objectStore } from "../../lib/aws/objects";
import { groundTruthStates } from "../../lib/labelling/ground-truth";
import { createLabelStore, type TaskState } from "../../lib/labelling/store";
import { entryOf } from "../../lib/util/environment";
import { createTelemetry } from "../../lib/util/telemetry";
import { type Collected, collect } from "./logic";

const environment = readEnvironment("collect-labels", process.env);
const telemetry = createTelemetry("collect-labels", environment);
const options = clientOptions({ timeoutMs: 10_000, maxAttempts: 5 });
const client = new S3Client(options);
const labels = createLabelStore(new DynamoDBClient(options), environment.LABEL_TABLE);

export interface CollectInput {
  readonly model: string;
  readonly runId: string;
  readonly from: "people" | "ground-truth";
  /** Name of the labelling job, where Ground Truth labelled. */
  readonly job: string;
}

/** Makes training rows of what people agreed on. The run no longer waits: later answers serve the next one. */
export async function handler({ model, runId, from, job }: CollectInput): Promise<Collected> {
  const objects = objectStore(client, entryOf(environment, "MODEL_BUCKETS", model));
  const asked = await objects.text(runKey(runId, RUN_FILES.asked));
  const rows = asked
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Unlabelled);

  const states: Readonly<Record<CollectInput["from"], () => Promise<ReadonlyMap<string, TaskState>>>> = {
    people: async () => {
      await labels.close(model, runId);
      return labels.tasks(rows.map(({ task }) => task));
    },
    "ground-truth": async () => {
      const output = `${RUN_FILES.groundTruth}/output/${job}/manifests/output/output.manifest` as const;
      return groundTruthStates(await objects.text(runKey(runId, output)));
    },
  };
  const { files, collected } = collect(rows, await states[from]());
  for (const [file, body] of files) await objects.put(runKey(runId, file), body);
  const { rows: _, positives: __, ...counts } = collected;
  telemetry.info("collected", { model, runId, ...counts });
  return collected;
}
