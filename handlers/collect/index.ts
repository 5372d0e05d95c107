import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { clientOptions } from "../shared/clients";
import { bucketOf, common, mapOf, nonEmptyString, parseEnvironment, text } from "../shared/environment";
import { createLabelStore } from "../shared/label-store";
import { objectStore } from "../shared/objects";
import { runFolder, type Unlabelled } from "../shared/run";
import { createTelemetry } from "../shared/telemetry";
import { type Collected, collect } from "./logic";

const environment = parseEnvironment({ ...common, MODEL_BUCKETS: mapOf(nonEmptyString), LABEL_TABLE: text });
const telemetry = createTelemetry("collect", environment);
const options = clientOptions({ timeoutMs: 10_000, maxAttempts: 5 });
const client = new S3Client(options);
const labels = createLabelStore(new DynamoDBClient(options), environment.LABEL_TABLE);

/** Makes training rows of what people agreed on. The run no longer waits: later answers serve the next one. */
export async function handler({
  model,
  runId,
}: {
  readonly model: string;
  readonly runId: string;
}): Promise<Collected> {
  const objects = objectStore(client, bucketOf("MODEL_BUCKETS", environment.MODEL_BUCKETS, model));
  const folder = runFolder(runId);
  const asked = await objects.text(`${folder}/labelling/asked.jsonl`);
  const rows = asked
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Unlabelled);

  await labels.close(model, runId);
  const { files, collected } = collect(rows, await labels.tasks(rows.map(({ task }) => task)));
  for (const [file, body] of files) await objects.put(`${folder}/${file}`, body);
  const { rows: _, ...counts } = collected;
  telemetry.info("collected", { model, runId, ...counts });
  return collected;
}
