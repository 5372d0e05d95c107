import { binCount, binOf, binShares, PSI, psi, psiByChance } from "./bins";
import { separability } from "./domain-classifier";
import type { BinnedRow } from "./logistic";
import type { PlayerRow } from "./player-rows";
import { AT_RISK, binned, type Reference, SAMPLE, sharesAtOrAbove } from "./reference";

/**
 * The signals by which a population is found to have changed, each a number that grows with the change, and the
 * threshold of its alarm unless the configuration says otherwise. docs/operations.md has the simulation behind these.
 */
export const SIGNALS = {
  /** PSI of the score. */
  score: { threshold: PSI.notable, is: "the PSI of the score" },
  /** Share of the features whose own PSI is above `PSI.notable`. */
  features: { threshold: 0.1, is: `the share of features with a PSI above ${PSI.notable}` },
  /** Factor by which the share of players at or above a risk group has changed, either way. */
  risk: { threshold: 1.2, is: "the factor by which the share of a risk group has changed" },
  /** AUROC by which a classifier tells traffic from the reference. */
  domain: { threshold: 0.55, is: "the AUROC of telling traffic from the reference" },
} as const;

export type SignalName = keyof typeof SIGNALS;
export const SIGNAL_NAMES = Object.keys(SIGNALS) as readonly SignalName[];

/** A value for each signal. */
export type Thresholds = Readonly<Record<SignalName, number>>;

/** A signal less what chance may give, so that few rows set off no alarm, and the estimate itself. */
export interface Measured {
  readonly value: number;
  readonly raw: number;
}

export interface FeatureDrift extends Measured {
  readonly name: string;
}

/** How far rows are from a reference. */
export interface Comparison {
  /** Rows of the reference. */
  readonly rows: number;
  /** `null` where nothing can be measured: the score tells no risk, or the reference keeps no rows. */
  readonly signals: Readonly<Record<SignalName, Measured | null>>;
  /** The PSI of each feature, in the order of the vector. */
  readonly features: readonly FeatureDrift[];
  /** The features with the largest PSI, the largest first. */
  readonly worst: readonly FeatureDrift[];
}

/** Standard errors that are taken off a change of shares, of which there are three, and off an AUROC. */
const ERRORS = { risk: 2.5, domain: 2 };
/** A group of fewer players, before and now, says nothing: how many of a handful there are is chance. */
const LEAST_PLAYERS = 10;
const WORST = 5;

/**
 * Compares rows, one a player, with a reference and, where it keeps some, with its binned rows; `names` are those of
 * the features, in their order. Throws without any row.
 */
export function compare(
  rows: readonly PlayerRow[],
  reference: Reference,
  sample: readonly BinnedRow[] | undefined,
  names: readonly string[],
): Comparison {
  if (rows.length === 0) throw new RangeError("no rows, no drift");
  const features = reference.features.map((bins, column) => ({
    name: names[column] ?? `feature ${column}`,
    ...psiOf(reference, bins, rows, ({ features: values }) => values[column] as number),
  }));
  const drifted = features.filter(({ value }) => value > PSI.notable).length;
  const driftedShare = drifted / Math.max(1, features.length);
  return {
    rows: reference.rows,
    signals: {
      score: psiOf(reference, reference.score, rows, ({ score }) => score),
      features: { value: driftedShare, raw: driftedShare },
      risk: riskChange(rows, reference),
      domain: sample === undefined || sample.length < SAMPLE / 10 ? null : domain(rows, reference, sample),
    },
    features,
    worst: features.toSorted((one, other) => other.value - one.value).slice(0, WORST),
  };
}

/** Names the signals of a comparison that are above their thresholds. */
export const signalsAbove = ({ signals }: Comparison, thresholds: Thresholds): readonly SignalName[] =>
  SIGNAL_NAMES.filter((name) => (signals[name]?.value ?? 0) > thresholds[name]);

function psiOf(
  reference: Reference,
  bins: Reference["score"],
  rows: readonly PlayerRow[],
  valueIn: (row: PlayerRow) => number,
): Measured {
  const counts = new Array<number>(binCount(bins)).fill(0);
  for (const row of rows) (counts[binOf(bins, Math.fround(valueIn(row)))] as number) += 1;
  const expected = binShares(bins);
  const raw = psi(
    expected,
    counts.map((count) => count / rows.length),
  );
  const used = counts.filter((count, bin) => count > 0 || (expected[bin] as number) > 0).length;
  return { value: Math.max(0, raw - psiByChance(used, rows.length, reference.rows)), raw };
}

/**
 * Measures by which factor the share of players at or above a group has changed, at least: the logarithm of the ratio
 * less its standard errors. Half a player is added everywhere, so that none is no infinity.
 */
function riskChange(rows: readonly PlayerRow[], { rows: before, risk }: Reference): Measured | null {
  if (risk === null) return null;
  const now = sharesAtOrAbove(rows, risk.thresholds);
  const changes = AT_RISK.filter(
    (group) => Math.max(now[group], risk.atOrAbove[group]) * rows.length >= LEAST_PLAYERS,
  ).map((group) => {
    const [one, other] = [
      { count: now[group] * rows.length + 0.5, of: rows.length + 1 },
      { count: risk.atOrAbove[group] * before + 0.5, of: before + 1 },
    ];
    const change = Math.abs(Math.log(one.count / one.of / (other.count / other.of)));
    const error = Math.sqrt(1 / one.count - 1 / one.of + 1 / other.count - 1 / other.of);
    return { value: Math.exp(Math.max(0, change - ERRORS.risk * error)), raw: Math.exp(change) };
  });
  // Of changes that may all be chance the largest estimate.
  return changes.reduce((most, each) => ((each.value - most.value || each.raw - most.raw) > 0 ? each : most), {
    value: 1,
    raw: 1,
  });
}

function domain(rows: readonly PlayerRow[], reference: Reference, sample: readonly BinnedRow[]): Measured {
  const { auroc, error } = separability(
    sample,
    rows.slice(0, SAMPLE).map((row) => binned(reference, row)),
  );
  return { value: Math.max(0.5, auroc - ERRORS.domain * error), raw: auroc };
}
