/**
 * Measures how far traffic has drifted from the rows that were held out when a model was trained: by the population
 * stability index (PSI) of every feature and of the score.
 */

/**
 * Rules of thumb for a PSI: below `notable` nothing happened, from `major` on the population is another (Siddiqi 2006).
 */
export const PSI = { notable: 0.1, major: 0.25 } as const;

/** One quantity in the bins of a baseline: bin i holds `edges[i-1] < value <= edges[i]`. */
export interface Bins {
  /** Strictly increasing; none is one bin. Between 32-bit numbers, so that a value's printed form does not matter. */
  readonly edges: readonly number[];
  /** Shares of the rows that have a value; one more than edges. */
  readonly shares: readonly number[];
  /** Share of all rows that have no value. */
  readonly missing: number;
}

/** The distributions of a model version's held-out rows, as its evaluation wrote them. */
export interface Baseline {
  readonly rows: number;
  /** In the order of the feature vector. */
  readonly features: readonly Bins[];
  readonly score: Bins;
}

/** An empty bin counts as one row in ten thousand, so that a logarithm stays finite. */
const LEAST_SHARE = 1e-4;

/**
 * Computes the population stability index of two distributions over the same bins: Σ (actual − expected) ·
 * ln(actual / expected). It is 0 when they are equal, never negative, and the same in both directions.
 */
export function psi(expected: readonly number[], actual: readonly number[]): number {
  if (expected.length !== actual.length) {
    throw new RangeError(`${expected.length} bins cannot be compared with ${actual.length}`);
  }
  return expected.reduce((sum, share, bin) => {
    const from = Math.max(share, LEAST_SHARE);
    const to = Math.max(actual[bin] as number, LEAST_SHARE);
    return sum + (to - from) * Math.log(to / from);
  }, 0);
}

/**
 * Computes the PSI that two samples of the same population have on average, by chance: (B − 1)(1/N + 1/M) for B bins
 * and samples of N and M rows, because PSI / (1/N + 1/M) is asymptotically chi-squared with B − 1 degrees of freedom
 * (Yurdakul 2018, "Statistical Properties of Population Stability Index"). With 200 rows each and 11 bins that is 0.1
 * already.
 */
export function psiByChance(bins: number, rows: number, otherRows: number): number {
  return Math.max(bins - 1, 0) * (1 / rows + 1 / otherRows);
}

/** Counts a quantity's values in the bins of a reference; the last count is of rows without a value. */
class BinCounter {
  readonly counts: number[];

  constructor(private readonly bins: Bins) {
    this.counts = new Array(bins.shares.length + 1).fill(0);
  }

  add(value: number | null | undefined): void {
    const { edges } = this.bins;
    let bin = this.counts.length - 1;
    if (value !== null && value !== undefined && !Number.isNaN(value)) {
      for (bin = 0; bin < edges.length && value > (edges[bin] as number); ) bin += 1;
    }
    this.counts[bin] = (this.counts[bin] as number) + 1;
  }

  drift(rows: number, baselineRows: number): Omit<FeatureDrift, "name"> {
    const { shares, missing } = this.bins;
    const expected = [...shares.map((share) => share * (1 - missing)), missing];
    const actual = this.counts.map((count) => count / rows);
    const raw = psi(expected, actual);
    const used = expected.filter((share, bin) => share > 0 || (actual[bin] as number) > 0).length;
    return { psi: Math.max(0, raw - psiByChance(used, rows, baselineRows)), raw };
  }
}

/** Counts rows as they come, in the memory of the bins alone. */
export class DriftCounter {
  rows = 0;
  readonly features: readonly BinCounter[];
  readonly score: BinCounter;

  constructor(readonly baseline: Baseline) {
    this.features = baseline.features.map((bins) => new BinCounter(bins));
    this.score = new BinCounter(baseline.score);
  }

  /** Counts a feature vector and the model's score of it. */
  add(features: readonly (number | null)[], score: number): void {
    this.rows += 1;
    for (let index = 0; index < this.features.length; index += 1) this.features[index]?.add(features[index]);
    this.score.add(score);
  }
}

export interface FeatureDrift {
  readonly name: string;
  /** The PSI less the part that is chance; 0 when nothing is left. */
  readonly psi: number;
  /** The PSI itself. */
  readonly raw: number;
}

export interface Drift {
  readonly rows: number;
  /** In the order of the feature vector. */
  readonly features: readonly FeatureDrift[];
  readonly score: Omit<FeatureDrift, "name">;
  /** Features whose PSI is above the threshold, and what share of all they are. */
  readonly drifted: number;
  readonly driftedShare: number;
  /** The features with the largest PSI, the largest first. */
  readonly worst: readonly FeatureDrift[];
}

const WORST = 5;

/**
 * Measures the drift of the rows that were counted; `names` are those of the features, in their order. Throws without
 * any row.
 */
export function driftOf(counter: DriftCounter, names: readonly string[], threshold: number): Drift {
  const { rows, baseline } = counter;
  if (rows === 0) throw new RangeError("no rows, no drift");
  const features = counter.features.map((feature, index) => ({
    name: names[index] ?? `feature ${index}`,
    ...feature.drift(rows, baseline.rows),
  }));
  const drifted = features.filter(({ psi: value }) => value > threshold).length;
  return {
    rows,
    features,
    score: counter.score.drift(rows, baseline.rows),
    drifted,
    driftedShare: features.length === 0 ? 0 : drifted / features.length,
    worst: features.toSorted((one, other) => other.psi - one.psi).slice(0, WORST),
  };
}
