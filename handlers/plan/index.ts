import { S3Client } from "@aws-sdk/client-s3";
import { INSTANCE_TYPES } from "../../catalogue/compute";
import { featureHash } from "../../catalogue/dataset";
import { datasetNamed } from "../../catalogue/datasets";
import { models } from "../../catalogue/models";
import { clientOptions } from "../shared/clients";
import { bucketOf, common, mapOf, nonEmptyString, optional, parseEnvironment } from "../shared/environment";
import { createTelemetry } from "../shared/telemetry";
import { listObjects, writeJson } from "./adapters";
import { type Plan, type PlanInput, plan, selectObjects } from "./logic";

const environment = parseEnvironment({
  ...common,
  DATA_BUCKETS: mapOf(nonEmptyString),
  MODEL_BUCKETS: mapOf(nonEmptyString),
  INSTANCE_TYPES: optional(mapOf(nonEmptyString, INSTANCE_TYPES), new Map<string, string>()),
});
const telemetry = createTelemetry("plan", environment);
const client = new S3Client(clientOptions({ timeoutMs: 30_000, maxAttempts: 5 }));

export async function handler(input: PlanInput): Promise<Plan> {
  const model = models.find(({ name }) => name === input.model);
  if (model === undefined) throw new Error(`catalogue/models.ts has no model ${input.model}`);
  const modelBucket = bucketOf("MODEL_BUCKETS", environment.MODEL_BUCKETS, model.name);
  const dataBucket = bucketOf("DATA_BUCKETS", environment.DATA_BUCKETS, model.dataset);

  const selection = selectObjects(await listObjects(client, dataBucket, "records/"));
  const hash = featureHash(datasetNamed(model.dataset));
  const planned = plan(input, model, hash, selection, environment.INSTANCE_TYPES);
  if (planned.outcome === "train") await writeJson(client, modelBucket, planned.manifestKey, selection.objects);

  const { runId, outcome, reason, objects, bytes } = planned;
  telemetry.info("planned", { model: model.name, runId, outcome, reason, objects, bytes });
  return planned;
}
