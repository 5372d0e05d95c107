import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { INSTANCE_TYPES } from "../../catalogue/compute";
import { featureHash } from "../../catalogue/dataset";
import { datasetNamed } from "../../catalogue/datasets";
import { models } from "../../catalogue/models";
import { clientOptions } from "../shared/clients";
import { bucketOf, common, mapOf, nonEmptyString, optional, parseEnvironment, strings } from "../shared/environment";
import { createTelemetry } from "../shared/telemetry";
import { listObjects, readParameter, writeJson } from "./adapters";
import { groupObjects, type Plan, type PlanInput, parseHistory, plan, selectObjects } from "./logic";

const environment = parseEnvironment({
  ...common,
  DATA_BUCKETS: mapOf(nonEmptyString),
  MODEL_BUCKETS: mapOf(nonEmptyString),
  STATE_PARAMETERS: mapOf(strings("serving", "lastRun")),
  MAXIMUM_COSTS_IN_USD: mapOf(Number),
  INSTANCE_TYPES: optional(mapOf(nonEmptyString, INSTANCE_TYPES), new Map<string, string>()),
});
const telemetry = createTelemetry("plan", environment);
const options = clientOptions({ timeoutMs: 30_000, maxAttempts: 5 });
const client = new S3Client(options);
const ssm = new SSMClient(options);

export async function handler(input: PlanInput): Promise<Plan> {
  const model = models.find(({ name }) => name === input.model);
  if (model === undefined) throw new Error(`catalogue/models.ts has no model ${input.model}`);
  const modelBucket = bucketOf("MODEL_BUCKETS", environment.MODEL_BUCKETS, model.name);
  const dataBucket = bucketOf("DATA_BUCKETS", environment.DATA_BUCKETS, model.dataset);

  const selection = selectObjects(await listObjects(client, dataBucket, "records/"));
  const hash = featureHash(datasetNamed(model.dataset));
  const parameters = environment.STATE_PARAMETERS.get(model.name);
  if (parameters === undefined) throw new Error(`STATE_PARAMETERS has no ${model.name}`);
  const [serving, lastRun] = await Promise.all([
    readParameter(ssm, parameters.serving),
    readParameter(ssm, parameters.lastRun),
  ]);
  const history = parseHistory(serving, lastRun);
  const planned = plan(input, model, hash, selection, history, {
    instanceTypes: environment.INSTANCE_TYPES,
    maximumCostInUsd: environment.MAXIMUM_COSTS_IN_USD.get(model.name) ?? 0,
  });
  if (planned.outcome === "train")
    await writeJson(client, modelBucket, planned.manifestKey, groupObjects(selection.objects));

  const { runId, outcome, reason, objects, bytes } = planned;
  telemetry.info("planned", { model: model.name, runId, outcome, reason, objects, bytes });
  return planned;
}
