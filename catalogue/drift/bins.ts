/** Bins values between the deciles of a reference, and compares distributions over such bins. */

/** One quantity in the bins of a reference: bin i holds `edges[i-1] < value <= edges[i]`. */
export interface Bins {
  /** Strictly increasing; none is one bin. Between 32-bit numbers, so that a value's printed form does not matter. */
  readonly edges: readonly number[];
  /** Shares of the rows that have a value; one more than edges. */
  readonly shares: readonly number[];
  /** Share of all rows that have no value. */
  readonly missing: number;
}

/**
 * Rules of thumb for a PSI: below `notable` nothing happened, from `major` on the population is another (Siddiqi 2006).
 */
export const PSI = { notable: 0.1, major: 0.25 } as const;

const BINS = 10;
/** More than any quantity has, that of missing values included; a digit of this base holds a bin. */
export const MOST_BINS = 16;
/** An empty bin counts as one row in ten thousand, so that a logarithm stays finite. */
const LEAST_SHARE = 1e-4;

/** Counts the bins of a quantity, that of missing values included: it is the last. */
export const binCount = ({ shares }: Bins): number => shares.length + 1;

/** Finds the bin of a value; NaN is missing. */
export function binOf({ edges, shares }: Bins, value: number): number {
  if (Number.isNaN(value)) return shares.length;
  let bin = 0;
  while (bin < edges.length && value > (edges[bin] as number)) bin += 1;
  return bin;
}

/** Gives the share of all rows that each bin has, that of missing values last. */
export const binShares = ({ shares, missing }: Bins): readonly number[] => [
  ...shares.map((share) => share * (1 - missing)),
  missing,
];

/**
 * Bins values between their deciles, as the evaluation does for the held-out rows (vwt_evaluate/distributions.py):
 * where a decile is the largest value, the next smaller one is the edge, and an edge lies halfway to the next 32-bit
 * number. NaN is missing.
 */
export function binsOf(values: Float32Array): Bins {
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  const count = present.length;
  if (count === 0) return { edges: [], shares: [0], missing: 1 };
  const largest = present[count - 1] as number;
  const smaller = present.findLast((value) => value < largest) ?? largest;
  const deciles = Array.from({ length: BINS - 1 }, (_, index) => {
    const decile = present[Math.ceil(((index + 1) * count) / BINS) - 1] as number;
    return upperLimit(Math.min(decile, smaller));
  });
  const edges = [...new Set(deciles)];
  const counts = new Array<number>(edges.length + 1).fill(0);
  const bins = { edges, shares: counts, missing: 1 - count / values.length };
  for (const value of present) (counts[binOf(bins, value)] as number) += 1;
  // Divided at the end: a thousand thousandths add up to more than 1, which no reader takes for a share.
  return { ...bins, shares: counts.map((found) => found / count) };
}

const SINGLE = new DataView(new ArrayBuffer(4));

/** Halfway from a 32-bit number to the next larger one. */
function upperLimit(value: number): number {
  // Zero of either sign has the bits of the positive one here.
  SINGLE.setFloat32(0, value + 0);
  SINGLE.setInt32(0, SINGLE.getInt32(0) + (value < 0 ? -1 : 1));
  return Math.min((value + SINGLE.getFloat32(0)) / 2, 3.4028234663852886e38);
}

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

/** Standard normal quantile: of 99 in 100 samples the PSI stays below what chance gives. */
const Z_99 = 2.326;

/**
 * Computes the PSI that two samples of the same population exceed in one case of a hundred, by chance: the quantile of
 * a chi-squared distribution with B − 1 degrees of freedom, by which PSI / (1/N + 1/M) is asymptotically distributed for
 * B bins and samples of N and M rows (Yurdakul 2018, "Statistical Properties of Population Stability Index"; the quantile
 * by Wilson and Hilferty 1931). With 200 rows each and 11 bins that is 0.23.
 */
export function psiByChance(bins: number, rows: number, otherRows: number): number {
  const freedom = bins - 1;
  if (freedom < 1) return 0;
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + Z_99 * Math.sqrt(spread)) ** 3 * (1 / rows + 1 / otherRows);
}
