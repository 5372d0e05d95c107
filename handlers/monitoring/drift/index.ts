import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { datasetNamed } from "../../../catalogue/datasets";
import { featureHash } from "../../../catalogue/datasets/kit/dataset";
import { Tally } from "../../../catalogue/drift/drift";
import { type Model, modelNamed } from "../../../catalogue/models";
import { readEnvironment } from "../../../contracts/environment";
import { RUN_FILES, runKey } from "../../../contracts/run-layout";
import { parseServingRecord, type ServingRecord } from "../../../contracts/serving-record";
import { clientOptions } from "../../lib/aws/clients";
import { type ObjectStore, objectStore, type StoredObject } from "../../lib/aws/objects";
import { parameterText } from "../../lib/aws/parameter";
import { concurrently } from "../../lib/util/concurrently";
import { entryOf } from "../../lib/util/environment";
import { createTelemetry } from "../../lib/util/telemetry";
import {
  type DriftInput,
  type DriftResult,
  hourPrefixes,
  lineCounter,
  type Measurement,
  measured,
  parseBaseline,
  reportKey,
  reportOf,
  sharesOf,
  type Window,
  windowOf,
} from "./logic";
import { readTraffic } from "./traffic";

const environment = readEnvironment("drift", process.env);
const telemetry = createTelemetry("drift", environment);
const options = clientOptions({ timeoutMs: 60_000, maxAttempts: 5 });
const ssm = new SSMClient(options);
const client = new S3Client({ ...options, responseChecksumValidation: "WHEN_REQUIRED" });

/** Measures how far a model's captured traffic is from the rows held out when it was trained; scheduled once per model. */
export async function handler({ model: name, hours = environment.WINDOW_HOURS }: DriftInput): Promise<DriftResult> {
  const model = modelNamed(name);
  const result = await measure(model, await servingRecord(name), hours);
  if (result.outcome === "skipped") {
    telemetry.measure("model", name, { DriftRows: result.rows, DriftSkipped: 1 });
  } else {
    telemetry.measure("model", name, {
      DriftRows: result.rows,
      FeatureDrift: result.featureDrift,
      FeaturesDrifted: result.featuresDrifted,
      ScoreDrift: result.scoreDrift,
    });
  }
  const { outcome, reason, rows } = result;
  telemetry.info("drift", { model: name, outcome, reason, rows });
  return result;
}

type Serving = ServingRecord<"modelVersion" | "featureHash">;

async function servingRecord(model: string): Promise<Serving> {
  const Name = entryOf(environment, "SERVING_PARAMETERS", model);
  return parseServingRecord(await parameterText(ssm, Name), "modelVersion", "featureHash");
}

async function measure({ name, dataset }: Model, serving: Serving, hours: number): Promise<DriftResult> {
  const { modelVersion, featureHash: trainedOn } = serving;
  const { features } = datasetNamed(dataset);
  const window = windowOf(new Date(), hours, serving.updatedAt);
  const bucket = entryOf(environment, "MODEL_BUCKETS", name);
  const own = objectStore(client, bucket);
  const traffic = objectStore(client, entryOf(environment, "DATA_BUCKETS", dataset));
  const skipped = (reason: string, rows = 0): DriftResult => ({ model: name, outcome: "skipped", reason, rows });

  const present = featureHash({ name: dataset, features });
  if (present !== trainedOn) {
    return skipped(`version ${modelVersion} takes features ${trainedOn}, not ${present}: retrain it`);
  }
  const baseline = await baselineOf(own, modelVersion);
  if (baseline === undefined) return skipped(`version ${modelVersion} has no baseline; the next one trained has`);

  const tally = new Tally(parseBaseline(baseline, features.length));
  const shares = sharesOf(await objectsOf(traffic, window), environment.MAXIMUM_ROWS);
  const wanted = { model: name, featureHash: trainedOn, from: window.from };
  const lines = await readTraffic(shares, traffic.open, lineCounter(tally, wanted));
  if (tally.rows < environment.MINIMUM_ROWS) {
    const found = `${tally.rows} rows since ${window.from.toISOString()}`;
    return skipped(`${found}, fewer than the ${environment.MINIMUM_ROWS} that a measurement needs`, tally.rows);
  }
  const threshold = environment.DRIFT_THRESHOLD;
  const measurement: Measurement = { model: name, modelVersion, featureHash: trainedOn, window, lines, threshold };
  const names = features.map((feature) => feature.name);
  const report = reportOf(measurement, tally, names);
  const key = reportKey(window);
  await own.put(key, JSON.stringify(report));
  return measured(measurement, report, `s3://${bucket}/${key}`);
}

/** `undefined` for a version whose run left none: the initial one's. */
async function baselineOf({ text }: ObjectStore, modelVersion: string): Promise<string | undefined> {
  try {
    return await text(runKey(modelVersion, RUN_FILES.reference));
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchKey") return undefined;
    throw error;
  }
}

async function objectsOf({ list }: ObjectStore, window: Window): Promise<StoredObject[]> {
  const hours = await concurrently(hourPrefixes(window), 8, async (prefix) => {
    const objects: StoredObject[] = [];
    for await (const object of list(prefix)) objects.push(object);
    return objects;
  });
  return hours.flat();
}
