import { type Baseline, type Drift, type DriftCounter, driftOf } from "../../../catalogue/drift/drift";
import { capturedHour } from "../../../contracts/data-layout";
import { VARIABLES } from "../../../contracts/environment";
import { anything, arrayOf, json, object, parseJson, recordOf, text } from "../../../contracts/parse";
import { reference } from "../../../contracts/run-files";
import { DRIFT } from "../../../contracts/run-layout";

interface DriftFound {
  readonly model: string;
  readonly reason: string;
  readonly rows: number;
}

/** Drift could not be measured. This does not mean that there is none. */
interface Skipped extends DriftFound {
  readonly outcome: "skipped";
}

export interface Measured extends DriftFound {
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

/** Tells lines of captured traffic apart; an `other` line is good, but not of this model version. */
export type LineKind = "counted" | "other" | "bad";

export interface Wanted {
  readonly model: string;
  readonly featureHash: string;
  readonly from: Date;
}

/**
 * Makes the function that counts lines of captured traffic (docs/contracts.md) into the counter, as far as they are
 * wanted.
 */
export function lineCounter(counter: DriftCounter, { model, featureHash, from }: Wanted) {
  return (found: string | undefined): LineKind => {
    const line = parseLine(found);
    if (line === undefined) return "bad";
    const score = line.scores[model];
    if (line.featureHash !== featureHash || line.at < from.getTime() || score === undefined) return "other";
    if (line.features.length !== counter.features.length || !line.features.every(isFeature) || !isNumber(score))
      return "bad";
    counter.add(line.features, score);
    return "counted";
  };
}

/** A line of captured traffic; that its numbers are some is checked when they are counted. */
const capturedLine = object({ at: text, featureHash: text, features: arrayOf(anything), scores: recordOf(anything) });

function parseLine(line: string | undefined) {
  if (line === undefined) return undefined;
  try {
    const { at, ...parsed } = json(capturedLine)(line);
    const time = Date.parse(at);
    return Number.isNaN(time) ? undefined : { ...parsed, at: time };
  } catch {
    return undefined;
  }
}

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isFeature = (value: unknown): value is number | null => value === null || isNumber(value);

/** Reads a version's reference distribution, `baseline.json`. Throws what is wrong with it. */
export function parseReference(document: string, columns: number): Baseline {
  const { schemaVersion: _, ...found } = parseJson(reference, document, "baseline.json");
  if (found.features.length !== columns) {
    throw new Error(`baseline.json has ${found.features.length} features, the dataset ${columns}`);
  }
  const broken = [...found.features, found.score].findIndex(({ edges, shares }) => shares.length !== edges.length + 1);
  if (broken < 0) return found;
  throw new Error(`baseline.json: ${broken < columns ? `feature ${broken}` : "the score"} has no bins`);
}

export interface Measurement {
  readonly model: string;
  readonly modelVersion: string;
  readonly featureHash: string;
  readonly window: Window;
  readonly lines: Readonly<Record<LineKind, number>>;
  readonly threshold: number;
}

/** The report's key: `drift/<yyyymmdd-hhmmss>.json`, the window's end. */
export const reportKey = ({ to }: Window): string =>
  `${DRIFT}${to.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")}.json`;

/** Reports a measurement, for people and programs that look into it. */
export function reportOf(measurement: Measurement, counter: DriftCounter, names: readonly string[]) {
  const drift = driftOf(counter, names, measurement.threshold);
  return { schemaVersion: 1, ...measurement, baselineRows: counter.baseline.rows, ...drift };
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
