import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { datasetNamed } from "../../../catalogue/datasets";
import { featureHash } from "../../../catalogue/datasets/kit/dataset";
import { modelNamed } from "../../../catalogue/models";
import { TARGETS } from "../../../catalogue/targets";
import { RECORDS } from "../../../contracts/data-layout";
import { readEnvironment } from "../../../contracts/environment";
import { runKey } from "../../../contracts/run-layout";
import { clientOptions } from "../../lib/aws/clients";
import { type ObjectStore, objectStore, type StoredObject } from "../../lib/aws/objects";
import { parameterText } from "../../lib/aws/parameter";
import { type AgreedLabel, createLabelStore } from "../../lib/labelling/store";
import { objectsOf } from "../../lib/records/values";
import { entryOf } from "../../lib/util/environment";
import { createTelemetry } from "../../lib/util/telemetry";
import {
  changesSince,
  dataOf,
  groupObjects,
  type Plan,
  type PlanInput,
  parseHistory,
  plan,
  selectObjects,
} from "./logic";

const environment = readEnvironment("plan", process.env);
const telemetry = createTelemetry("plan", environment);
const options = clientOptions({ timeoutMs: 30_000, maxAttempts: 5 });
const client = new S3Client(options);
const ssm = new SSMClient(options);
const labelStore = createLabelStore(new DynamoDBClient(options), environment.LABEL_TABLE);

export async function handler(input: PlanInput): Promise<Plan> {
  const model = modelNamed(input.model);
  const bucket = entryOf(environment, "MODEL_BUCKETS", model.name);
  const data = objectStore(client, entryOf(environment, "DATA_BUCKETS", model.dataset));

  const [listed, labels, serving, lastRun] = await Promise.all([
    all<StoredObject>(data.list(RECORDS)),
    TARGETS[model.target].judgedByPeople ? all<AgreedLabel>(labelStore.agreedLabels(model.name)) : [],
    parameterText(ssm, entryOf(environment, "SERVING_PARAMETERS", model.name)),
    parameterText(ssm, entryOf(environment, "LAST_RUN_PARAMETERS", model.name)),
  ]);
  const selection = selectObjects(listed);
  const history = parseHistory(serving, lastRun);
  const models = objectStore(client, bucket);
  const changes = await changesSince(
    selection.objects,
    history.lastRun ? dataOfRun(models, history.lastRun.runId) : (async function* () {})(),
  );
  const hash = featureHash(datasetNamed(model.dataset));
  const planned = plan(input, model, hash, { ...selection, ...changes }, labels, history, {
    bucket,
    region: environment.REGION,
  });
  const { runId, outcome, reason, objects, bytes } = planned;
  if (outcome === "train") {
    const { put } = models;
    await Promise.all([
      put(planned.manifestKey, JSON.stringify(groupObjects(selection.objects))),
      put(runKey(runId, "data.json"), dataOf(selection.objects)),
      put(
        runKey(runId, "labels.json"),
        JSON.stringify(Object.fromEntries(labels.map(({ task, label }) => [task, label]))),
      ),
    ]);
  }
  telemetry.info("planned", { model: model.name, runId, outcome, reason, objects, bytes });
  return planned;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** What an earlier run has trained on. Nothing, when its files are gone: pruning keeps them for the versions that are kept. */
async function* dataOfRun({ open }: ObjectStore, runId: string): AsyncGenerator<StoredObject> {
  try {
    yield* objectsOf<StoredObject>(await open(runKey(runId, "data.json")));
  } catch (error) {
    if ((error as Error).name !== "NoSuchKey") throw error;
  }
}
