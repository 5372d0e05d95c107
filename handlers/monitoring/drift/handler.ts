import { datasetNamed } from "../../../catalogue/datasets";
import { featureHash } from "../../../catalogue/datasets/kit/dataset";
import { type PlayerRow, PlayerRows } from "../../../catalogue/drift/player-rows";
import {
  binned,
  REFERENCE_NAMES,
  type ReferenceName,
  readBinned,
  referenceOf,
  SAMPLE,
  writeBinned,
} from "../../../catalogue/drift/reference";
import { compare, SIGNAL_NAMES } from "../../../catalogue/drift/signals";
import { type Model, modelNamed, type RiskThresholds } from "../../../catalogue/models";
import { layoutHash } from "../../../catalogue/training/scaling";
import type { Settings } from "../../../contracts/environment";
import { parseInput } from "../../../contracts/inputs";
import { SCHEMA_VERSIONS } from "../../../contracts/jobs";
import { DRIFT_METRICS, type MetricBy } from "../../../contracts/metrics";
import { parseJson } from "../../../contracts/parse";
import { referenceRows } from "../../../contracts/run-files";
import { RUN_FILES, type RunPath, runKey } from "../../../contracts/run-layout";
import { parseServingRecord, type ServingRecord } from "../../../contracts/serving-record";
import { type Buckets, isNoSuchKey, type ObjectStore } from "../../lib/aws/objects";
import type { ReadParameter } from "../../lib/aws/parameter";
import { concurrently } from "../../lib/util/concurrently";
import { entryOf } from "../../lib/util/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import {
  type DriftResult,
  HOUR_MS,
  hourPrefixes,
  lineCounter,
  type Measurement,
  measured,
  parseReference,
  reportKey,
  reportOf,
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

/**
 * Measures how far a model's captured traffic is from the rows held out when it was trained, and from the version's own
 * first traffic; scheduled once per model.
 */
export const createHandler =
  (deps: DriftDeps) =>
  async (input: unknown): Promise<DriftResult> => {
    const { environment, telemetry, parameter } = deps;
    const { model: name, hours } = parseInput("drift", input);
    const model = modelNamed(name);
    const serving = await parameter(entryOf(environment, "SERVING_PARAMETERS", name));
    const result = await measure(deps, model, parseServingRecord(serving, "modelVersion", "featureHash"), hours);
    telemetry.measure("model", name, metricsOf(result));
    const { outcome, reason, rows } = result;
    telemetry.info("drift", { model: name, outcome, reason, rows });
    return result;
  };

function metricsOf(result: DriftResult): Partial<Record<MetricBy<"model">, number>> {
  const { rows: DriftRows } = result;
  if (result.outcome === "skipped") return { DriftRows, DriftSkipped: 1 };
  const signals = REFERENCE_NAMES.flatMap((reference) =>
    SIGNAL_NAMES.map((signal) => [DRIFT_METRICS[reference][signal], result.from[reference]?.signals[signal]] as const),
  );
  return {
    DriftRows,
    DriftSignals: Object.values(result.from).reduce((sum, { above }) => sum + above.length, 0),
    FeatureDrift: result.from.training?.worst[0]?.psi ?? 0,
    ...Object.fromEntries(signals.filter(([, value]) => typeof value === "number")),
  };
}

type Serving = ServingRecord<"modelVersion" | "featureHash">;

async function measure(
  { environment, buckets, now }: DriftDeps,
  model: Model,
  serving: Serving,
  hours: number | undefined,
): Promise<DriftResult> {
  const { modelVersion, featureHash: trainedOn } = serving;
  const { name, dataset, riskThresholds } = model;
  const { features } = datasetNamed(dataset);
  const window = windowOf(new Date(now()), hours ?? environment.WINDOW_HOURS, serving.updatedAt);
  const bucket = entryOf(environment, "MODEL_BUCKETS", name);
  const own = buckets(bucket);
  const captured = buckets(entryOf(environment, "DATA_BUCKETS", dataset));
  const skipped = (reason: string, rows = 0): DriftResult => ({ model: name, outcome: "skipped", reason, rows });

  const present = layoutHash(model);
  if (present !== trainedOn) {
    return skipped(`version ${modelVersion} takes features ${trainedOn}, not ${present}: retrain it`);
  }
  const training = await readReference(own, modelVersion, "training", features.length);
  if (training === undefined) return skipped(`version ${modelVersion} has no baseline; the next one trained has`);

  const players = new PlayerRows(environment.MAXIMUM_ROWS);
  const wanted = { model: name, featureHash: featureHash({ name: dataset, features }), from: window.from };
  const keys = await keysOf(captured, window);
  const lines = await readTraffic(keys, captured.open, lineCounter(players, wanted, features.length));
  const rows = players.rows();
  if (rows.length < environment.MINIMUM_ROWS) {
    const found = `rows of ${rows.length} players since ${window.from.toISOString()}`;
    return skipped(`${found}, fewer than the ${environment.MINIMUM_ROWS} that a measurement needs`, rows.length);
  }
  const traffic = await readReference(own, modelVersion, "traffic", features.length);
  const names = features.map((feature) => feature.name);
  const measurement: Measurement = {
    model: name,
    modelVersion,
    featureHash: trainedOn,
    window,
    lines,
    rows: rows.length,
    thresholds: environment.DRIFT_THRESHOLDS,
    from: {
      training: compare(rows, training.reference, training.sample, names),
      ...(traffic && { traffic: compare(rows, traffic.reference, traffic.sample, names) }),
    },
  };
  const servedFor = now() - Date.parse(serving.updatedAt ?? "");
  const settled = !(servedFor < environment.TRAFFIC_REFERENCE_HOURS * HOUR_MS);
  // Hours that somebody asks for are not those of later measurements.
  if (traffic === undefined && hours === undefined && settled) {
    await writeTrafficReference(own, modelVersion, rows, riskThresholds);
  }
  const key = reportKey(window);
  await own.put(key, JSON.stringify(reportOf(measurement)));
  return measured(measurement, `s3://${bucket}/${key}`);
}

const FILES = {
  training: { reference: RUN_FILES.reference, rows: RUN_FILES.referenceRows },
  traffic: { reference: RUN_FILES.trafficReference, rows: RUN_FILES.trafficReferenceRows },
} as const satisfies Readonly<Record<ReferenceName, object>>;

/**
 * Reads a reference of a version; `undefined` when there is none, as for the initial version. Its rows expire, and the
 * reference does not.
 */
async function readReference(store: ObjectStore, modelVersion: string, name: ReferenceName, columns: number) {
  const read = (path: RunPath) => readIfThere(store, runKey(modelVersion, path));
  const [document, rows] = await Promise.all([read(FILES[name].reference), read(FILES[name].rows)]);
  const reference = document === undefined ? undefined : parseReference(document, columns);
  const sample = rows === undefined ? undefined : parseJson(referenceRows, rows, FILES[name].rows).rows.map(readBinned);
  return reference && { reference, sample };
}

async function readIfThere({ text }: ObjectStore, key: string): Promise<string | undefined> {
  try {
    return await text(key);
  } catch (error) {
    if (isNoSuchKey(error)) return undefined;
    throw error;
  }
}

/** Makes these rows what later traffic of the version is compared with. */
async function writeTrafficReference(
  { put }: ObjectStore,
  modelVersion: string,
  rows: readonly PlayerRow[],
  thresholds: RiskThresholds | undefined,
): Promise<void> {
  const schemaVersion = SCHEMA_VERSIONS.reference;
  const reference = referenceOf(rows, thresholds);
  const sample = rows.slice(0, SAMPLE).map((row) => writeBinned(binned(reference, row)));
  const write = (path: RunPath, document: object) =>
    put(runKey(modelVersion, path), JSON.stringify({ schemaVersion, ...document }));
  // The reference last: it says that both are there.
  await write(FILES.traffic.rows, { rows: sample });
  await write(FILES.traffic.reference, reference);
}

/** Lists the objects with a window's traffic. */
async function keysOf({ list }: ObjectStore, window: Window): Promise<readonly string[]> {
  const hours = await concurrently(hourPrefixes(window), 8, async (prefix) => {
    const keys: string[] = [];
    for await (const { key } of list(prefix)) keys.push(key);
    return keys;
  });
  return hours.flat();
}
