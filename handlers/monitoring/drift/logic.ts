import type { PlayerRows } from "../../../catalogue/drift/player-rows";
import { REFERENCE_NAMES, REFERENCES, type Reference, type ReferenceName } from "../../../catalogue/drift/reference";
import {
  type Comparison,
  SIGNALS,
  type SignalName,
  signalsAbove,
  type Thresholds,
} from "../../../catalogue/drift/signals";
import { capturedHour } from "../../../contracts/data-layout";
import { VARIABLES } from "../../../contracts/environment";
import { SCHEMA_VERSIONS } from "../../../contracts/jobs";
import { anything, arrayOf, integer, json, object, parseJson, recordOf, text } from "../../../contracts/parse";
import { reference } from "../../../contracts/run-files";
import { DRIFT } from "../../../contracts/run-layout";

interface DriftFound {
  readonly model: string;
  readonly reason: string;
  /** Rows that were compared, one a player. */
  readonly rows: number;
}

/** Drift could not be measured. This does not mean that there is none. */
interface Skipped extends DriftFound {
  readonly outcome: "skipped";
}

/** The distance of the traffic from one reference, without its details. */
interface Distance {
  /** Signals above their thresholds. */
  readonly above: readonly SignalName[];
  /** `null` where it could not be measured. */
  readonly signals: Readonly<Record<SignalName, number | null>>;
  /** Features with the largest PSI. */
  readonly worst: readonly { readonly name: string; readonly psi: number }[];
}

export interface Measured extends DriftFound {
  readonly outcome: "measured";
  /** By reference; without one until the version has it. */
  readonly from: Readonly<Partial<Record<ReferenceName, Distance>>>;
  /** `s3://…` */
  readonly report: string;
}

export type DriftResult = Skipped | Measured;

export const HOUR_MS = 3_600_000;
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

/** Tells lines of captured traffic apart; an `other` line is good, but not of this model version. */
export type LineKind = "counted" | "other" | "bad";

export interface Wanted {
  readonly model: string;
  readonly featureHash: string;
  readonly from: Date;
}

/** Makes the function that keeps lines of captured traffic (docs/contracts.md), as far as they are wanted. */
export function lineCounter(players: PlayerRows, { model, featureHash, from }: Wanted, columns: number) {
  return (found: string | undefined): LineKind => {
    const line = parseLine(found);
    if (line === undefined) return "bad";
    const score = line.scores[model];
    if (line.featureHash !== featureHash || line.at < from.getTime() || score === undefined) return "other";
    if (line.features.length !== columns || !line.features.every(isFeature) || !isNumber(score)) return "bad";
    const features = Float32Array.from(line.features, (value) => value ?? Number.NaN);
    players.add(line.player, { at: line.at, features, score });
    return "counted";
  };
}

/** A line of captured traffic; that its numbers are some is checked when they are counted. */
const capturedLine = object({
  at: text,
  player: text,
  featureHash: text,
  features: arrayOf(anything),
  scores: recordOf(anything),
});

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

/**
 * Reads a reference, of the rows held out in training or of traffic; `undefined` when an earlier release wrote it in a
 * form of its own. Throws what is wrong with it.
 */
export function parseReference(document: string, columns: number): Reference | undefined {
  const { schemaVersion } = parseJson(object({ schemaVersion: integer(1) }), document, "the reference");
  if (schemaVersion < SCHEMA_VERSIONS.reference) return undefined;
  const found = parseJson(reference, document, "the reference");
  if (found.features.length === columns) return found;
  throw new Error(`the reference has ${found.features.length} features, the dataset ${columns}`);
}

export interface Measurement {
  readonly model: string;
  readonly modelVersion: string;
  readonly featureHash: string;
  readonly window: Window;
  readonly lines: Readonly<Record<LineKind, number>>;
  readonly rows: number;
  readonly thresholds: Thresholds;
  /** By reference. */
  readonly from: Readonly<Partial<Record<ReferenceName, Comparison>>>;
}

/** The report's key: `drift/<yyyymmdd-hhmmss>.json`, the window's end. */
export const reportKey = ({ to }: Window): string =>
  `${DRIFT}${to.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")}.json`;

/** Reports a measurement, for people and programs that look into it. */
export const reportOf = (measurement: Measurement) => ({ schemaVersion: 2, ...measurement });

export function measured({ model, rows, from, thresholds }: Measurement, report: string): Measured {
  const found = REFERENCE_NAMES.flatMap((name) => {
    const comparison = from[name];
    return comparison === undefined ? [] : [{ name, comparison, above: signalsAbove(comparison, thresholds) }];
  });
  const distances = found.map(({ name, comparison: { signals, worst }, above }): [ReferenceName, Distance] => [
    name,
    {
      above,
      signals: {
        score: signals.score?.value ?? null,
        features: signals.features?.value ?? null,
        risk: signals.risk?.value ?? null,
        domain: signals.domain?.value ?? null,
      },
      worst: worst.map((feature) => ({ name: feature.name, psi: feature.value })),
    },
  ]);
  const said = found.map(({ name, comparison, above }) => inWords(name, comparison, above, thresholds));
  return {
    model,
    outcome: "measured",
    reason: `the traffic ${said.join(", and ")}`,
    rows,
    from: Object.fromEntries(distances),
    report,
  };
}

function inWords(
  name: ReferenceName,
  { signals }: Comparison,
  above: readonly SignalName[],
  thresholds: Thresholds,
): string {
  const words = above.map(
    (signal) => `${SIGNALS[signal].is} is ${signals[signal]?.value.toFixed(3)}, above ${thresholds[signal]}`,
  );
  return words.length === 0 ? REFERENCES[name].same : `${REFERENCES[name].differs} (${words.join("; ")})`;
}
