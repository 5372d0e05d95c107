import { type Baseline, type Bins, type Drift, driftOf, type Tally } from "../../../catalogue/drift/drift";
import { capturedHour } from "../../../contracts/data-layout";
import { VARIABLES } from "../../../contracts/environment";
import { SCHEMA_VERSIONS } from "../../../contracts/jobs";
import { DRIFT } from "../../../contracts/run-layout";

export interface DriftInput {
  readonly model: string;
  /** Hours of traffic to look back at, instead of those of the configuration. */
  readonly hours?: number;
}

interface Outcome {
  readonly model: string;
  readonly reason: string;
  readonly rows: number;
}

/** Nothing is known of the drift: not that there is none. */
export interface Skipped extends Outcome {
  readonly outcome: "skipped";
}

export interface Measured extends Outcome {
  readonly outcome: "measured";
  /** The largest PSI of a feature. */
  readonly featureDrift: number;
  readonly featuresDrifted: number;
  readonly scoreDrift: number;
  readonly worst: readonly { readonly name: string; readonly psi: number }[];
  /** `s3://…` */
  readonly report: string;
}

export type DriftResult = Skipped | Measured;

const HOUR_MS = 3_600_000;
const MOST_HOURS = VARIABLES.WINDOW_HOURS.most;

export interface Window {
  readonly from: Date;
  readonly to: Date;
}

/**
 * The time whose traffic is measured. It never begins before the version did: its predecessor's scores say nothing of
 * it. Throws a `RangeError` when the hours are none.
 */
export function windowOf(now: Date, hours: number, servedSince?: string): Window {
  if (!(hours > 0 && hours <= MOST_HOURS)) throw new RangeError(`hours must be above 0 and at most ${MOST_HOURS}`);
  const since = servedSince === undefined ? Number.NaN : Date.parse(servedSince);
  const from = now.getTime() - hours * HOUR_MS;
  return { from: new Date(since > from ? since : from), to: now };
}

/** Lists the folders of every hour of a window, and of the one before: objects are named by their oldest row. */
export function hourPrefixes({ from, to }: Window): string[] {
  const prefixes: string[] = [];
  for (let hour = Math.floor(from.getTime() / HOUR_MS) - 1; hour * HOUR_MS <= to.getTime(); hour += 1) {
    prefixes.push(capturedHour(new Date(hour * HOUR_MS)));
  }
  return prefixes;
}

/** An object, and how many rows to take of it at most. */
export interface Share {
  readonly key: string;
  readonly rows: number;
}

/**
 * Spreads the rows over all objects by their bytes, so that a busy hour counts for more than a quiet one; the shares
 * add up to `maximumRows`. Where objects are so many that some would get less than a row, every so many-th is taken.
 */
export function sharesOf(objects: readonly { readonly key: string; readonly size: number }[], maximumRows: number) {
  const total = objects.reduce((sum, { size }) => sum + size, 0);
  let bytes = 0;
  let taken = 0;
  const shares: Share[] = [];
  for (const { key, size } of objects) {
    bytes += size;
    const upTo = total === 0 ? 0 : Math.floor((bytes / total) * maximumRows);
    if (upTo > taken) shares.push({ key, rows: upTo - taken });
    taken = upTo;
  }
  return shares;
}

/** `other`: a good line that is not of this model version. */
export type Verdict = "counted" | "other" | "bad";

export interface Wanted {
  readonly model: string;
  readonly featureHash: string;
  readonly from: Date;
}

/** Counts one line of captured traffic (docs/contracts.md) into the tally, if it is one of those wanted. */
export function lineCounter(tally: Tally, { model, featureHash, from }: Wanted) {
  return (text: string | undefined): Verdict => {
    const line = parseLine(text);
    if (line === undefined) return "bad";
    const score = line.scores[model];
    if (line.featureHash !== featureHash || line.at < from.getTime() || score === undefined) return "other";
    if (line.features.length !== tally.features.length || !line.features.every(isFeature) || !isNumber(score))
      return "bad";
    tally.add(line.features, score);
    return "counted";
  };
}

function parseLine(text: string | undefined) {
  if (text === undefined) return undefined;
  let parsed: Readonly<Record<"at" | "featureHash" | "features" | "scores", unknown>> | null;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { at, featureHash, features, scores } = parsed ?? {};
  const time = typeof at === "string" ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(time) || typeof featureHash !== "string") return undefined;
  if (!Array.isArray(features) || typeof scores !== "object" || scores === null) return undefined;
  return { at: time, featureHash, features: features as unknown[], scores: scores as Record<string, unknown> };
}

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isFeature = (value: unknown): value is number | null => value === null || isNumber(value);

/** Reads `baseline.json`; throws what is wrong with it. */
export function parseBaseline(text: string, columns: number): Baseline {
  const { schemaVersion, rows, features, score } = JSON.parse(text) as Partial<Baseline & { schemaVersion: number }>;
  if (schemaVersion !== SCHEMA_VERSIONS.reference) {
    throw new Error(`baseline.json has schemaVersion ${schemaVersion}, not ${SCHEMA_VERSIONS.reference}`);
  }
  if (!isNumber(rows) || rows < 1) throw new Error(`baseline.json is of ${rows} rows`);
  if (!Array.isArray(features) || features.length !== columns) {
    throw new Error(`baseline.json has ${features?.length ?? "no"} features, the dataset ${columns}`);
  }
  const broken = [...features, score].findIndex((bins) => !areBins(bins));
  if (broken >= 0)
    throw new Error(`baseline.json: ${broken < columns ? `feature ${broken}` : "the score"} has no bins`);
  return { rows, features, score: score as Bins };
}

function areBins(bins: Partial<Bins> | undefined): bins is Bins {
  const { edges, shares, missing } = bins ?? {};
  return (
    [edges, shares, [missing]].every((list) => list?.every(isNumber)) && shares?.length === (edges?.length ?? 0) + 1
  );
}

export interface Measurement {
  readonly model: string;
  readonly modelVersion: string;
  readonly featureHash: string;
  readonly window: Window;
  readonly lines: Readonly<Record<Verdict, number>>;
  readonly threshold: number;
}

/** The report's key: `drift/<yyyymmdd-hhmmss>.json`, the window's end. */
export const reportKey = ({ to }: Window): string =>
  `${DRIFT}${to.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")}.json`;

/** What a measurement found, for people and programs that look into it. */
export function reportOf(measurement: Measurement, tally: Tally, names: readonly string[]) {
  const drift = driftOf(tally, names, measurement.threshold);
  return { schemaVersion: 1, ...measurement, baselineRows: tally.baseline.rows, ...drift };
}

export function measured({ model, threshold }: Measurement, drift: Drift, report: string): Measured {
  const { rows, drifted, score, worst, features } = drift;
  return {
    model,
    outcome: "measured",
    reason: `${drifted} of ${features.length} features have a PSI above ${threshold}`,
    rows,
    featureDrift: worst[0]?.psi ?? 0,
    featuresDrifted: drifted,
    scoreDrift: score.psi,
    worst: worst.map(({ name, psi }) => ({ name, psi })),
    report,
  };
}
