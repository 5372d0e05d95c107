import { datasetNamed } from "../../../catalogue/datasets";
import { featureHash } from "../../../catalogue/datasets/kit/dataset";
import { DriftCounter } from "../../../catalogue/drift/drift";
import { type Model, modelNamed } from "../../../catalogue/models";
import type { Settings } from "../../../contracts/environment";
import { parseInput } from "../../../contracts/inputs";
import { RUN_FILES, runKey } from "../../../contracts/run-layout";
import { parseServingRecord, type ServingRecord } from "../../../contracts/serving-record";
import { type Buckets, isNoSuchKey, type ObjectStore, type StoredObject } from "../../lib/aws/objects";
import type { ReadParameter } from "../../lib/aws/parameter";
import { concurrently } from "../../lib/util/concurrently";
import { entryOf } from "../../lib/util/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import {
  type DriftResult,
  hourPrefixes,
  lineCounter,
  type Measurement,
  measured,
  parseReference,
  reportKey,
  reportOf,
  sharesOf,
  type Window,
  windowOf,
} from "./logic";
import { readTraffic } from "./traffic";

export interface DriftDeps {
  readonly environment: Settings<"drift">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
  readonly parameter: ReadParameter;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Measures how far a model's captured traffic is from the rows held out when it was trained; scheduled once per model. */
export const createHandler =
  (deps: DriftDeps) =>
  async (input: unknown): Promise<DriftResult> => {
    const { environment, telemetry, parameter } = deps;
    const { model: name, hours = environment.WINDOW_HOURS } = parseInput("drift", input);
    const model = modelNamed(name);
    const serving = await parameter(entryOf(environment, "SERVING_PARAMETERS", name));
    const result = await measure(deps, model, parseServingRecord(serving, "modelVersion", "featureHash"), hours);
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
  };

type Serving = ServingRecord<"modelVersion" | "featureHash">;

async function measure(
  { environment, buckets, now }: DriftDeps,
  { name, dataset }: Model,
  serving: Serving,
  hours: number,
): Promise<DriftResult> {
  const { modelVersion, featureHash: trainedOn } = serving;
  const { features } = datasetNamed(dataset);
  const window = windowOf(new Date(now()), hours, serving.updatedAt);
  const bucket = entryOf(environment, "MODEL_BUCKETS", name);
  const own = buckets(bucket);
  const traffic = buckets(entryOf(environment, "DATA_BUCKETS", dataset));
  const skipped = (reason: string, rows = 0): DriftResult => ({ model: name, outcome: "skipped", reason, rows });

  const present = featureHash({ name: dataset, features });
  if (present !== trainedOn) {
    return skipped(`version ${modelVersion} takes features ${trainedOn}, not ${present}: retrain it`);
  }
  const reference = await referenceOf(own, modelVersion);
  if (reference === undefined) return skipped(`version ${modelVersion} has no baseline; the next one trained has`);

  const counter = new DriftCounter(parseReference(reference, features.length));
  const shares = sharesOf(await objectsOf(traffic, window), environment.MAXIMUM_ROWS);
  const wanted = { model: name, featureHash: trainedOn, from: window.from };
  const lines = await readTraffic(shares, traffic.open, lineCounter(counter, wanted));
  if (counter.rows < environment.MINIMUM_ROWS) {
    const found = `${counter.rows} rows since ${window.from.toISOString()}`;
    return skipped(`${found}, fewer than the ${environment.MINIMUM_ROWS} that a measurement needs`, counter.rows);
  }
  const threshold = environment.DRIFT_THRESHOLD;
  const measurement: Measurement = { model: name, modelVersion, featureHash: trainedOn, window, lines, threshold };
  const names = features.map((feature) => feature.name);
  const report = reportOf(measurement, counter, names);
  const key = reportKey(window);
  await own.put(key, JSON.stringify(report));
  return measured(measurement, report, `s3://${bucket}/${key}`);
}

/** Reads the reference distribution of a version; `undefined` when its run left none, as for the initial one. */
async function referenceOf({ text }: ObjectStore, modelVersion: string): Promise<string | undefined> {
  try {
    return await text(runKey(modelVersion, RUN_FILES.reference));
  } catch (error) {
    if (isNoSuchKey(error)) return undefined;
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
