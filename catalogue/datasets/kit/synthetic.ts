import type { Outcome } from "./outcome";
import { MILLISECONDS_PER_DAY, SECONDS_PER_DAY } from "./time";

/**
 * Parts that the generators of synthetic players share: chance, the outcome of a player, and how good a score can be.
 */

export interface Random {
  /** Draws uniformly from [0, 1). */
  uniform(): number;
  between(low: number, high: number): number;
  /** Draws a whole number from low to high, both included. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  normal(mean?: number, deviation?: number): number;
  /** Draws from the log-normal distribution with this median. */
  logNormal(median: number, deviation: number): number;
  exponential(mean: number): number;
  /** Draws from a Poisson distribution with a small mean: the time that it takes is proportional to it. */
  poisson(mean: number): number;
  /** Draws a key with a chance in proportion to its weight. */
  pick<K extends string>(weights: Readonly<Record<K, number>>): K;
}

/**
 * Makes a generator of random numbers: sfc32 (Chris Doty-Humphrey's small fast counter; passes PractRand), seeded with
 * the seed and a stream number. Every player has a stream of their own, so that the first players of a large population
 * are those of a small one.
 */
export function createRandom(seed: number, stream = 0): Random {
  let [a, b, c, counter] = [seed | 0, stream | 0, 0x9e3779b9 | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4_294_967_296;
  };
  // Mixes the seed into the whole state.
  for (let round = 0; round < 15; round += 1) next();

  const normal = (mean = 0, deviation = 1) =>
    mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    uniform: next,
    between: (low, high) => low + (high - low) * next(),
    integer: (low, high) => low + Math.floor((high - low + 1) * next()),
    chance: (probability) => next() < probability,
    normal,
    logNormal: (median, deviation) => median * Math.exp(normal(0, deviation)),
    exponential: (mean) => -mean * Math.log(1 - next()),
    poisson: (mean) => {
      const limit = Math.exp(-mean);
      let drawn = 0;
      for (let product = next(); product > limit; product *= next()) drawn += 1;
      return drawn;
    },
    pick: <K extends string>(weights: Readonly<Record<K, number>>) => {
      const entries = Object.entries(weights) as [K, number][];
      let left = next() * entries.reduce((total, [, weight]) => total + weight, 0);
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      return (entries[entries.length - 1] as [K, number])[0];
    },
  };
}

export const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));

/** Describes how problem gambling comes about in a synthetic world: a logistic model over the record's own features. */
export interface TrueModel<N extends string> {
  readonly intercept: number;
  /** The logit is the sum of these; an unknown feature adds nothing. */
  readonly effects: readonly {
    readonly feature: N;
    readonly weight: number;
    readonly shape: (value: number) => number;
  }[];
  /** Pairs whose product adds to the logit: worse together than the sum of both. */
  readonly interactions: readonly { readonly features: readonly [N, N]; readonly weight: number }[];
}

/** Shapes an effect that is half of itself at `half`, and all of it far beyond. */
export const saturating = (half: number) => (value: number) => value / (value + half);
/** Shapes an effect that is proportional up to `most`, and all of it from there. */
export const upTo = (most: number) => (value: number) => Math.min(value, most) / most;
export const linear = upTo(1);
/** Shapes an effect that is least at `least`, and all of it from `reach` away: the U over age that studies found. */
export const valley = (least: number, reach: number) => (value: number) => Math.min(1, ((value - least) / reach) ** 2);

/** Computes the probability that the Bayes-optimal classifier answers. */
export function trueProbability<N extends string>(
  { intercept, effects, interactions }: TrueModel<N>,
  features: Readonly<Record<N, number | null>>,
): number {
  let logit = intercept;
  for (const { feature, weight, shape } of effects) {
    const value = features[feature];
    if (value !== null) logit += weight * shape(value);
  }
  for (const { features: pair, weight } of interactions) {
    logit += weight * (features[pair[0]] ?? 0) * (features[pair[1]] ?? 0);
  }
  return sigmoid(logit);
}

/** Rounds an amount to cents, as operators report it. */
export const cents = (amount: number) => Math.round(amount * 100) / 100;

/** Writes an instant to the second. */
export const instantOf = (milliseconds: number) => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

/** Days before `now` within which records are dated, so that half a year of what became of the player is known. */
const AGE_OF_RECORDS = { least: 181, most: 365 };

/** Draws the fields that every record has: who, and when. */
export function syntheticIdentity<D extends string>(dataset: D, random: Random, index: number, now: string) {
  const age = random.between(AGE_OF_RECORDS.least, AGE_OF_RECORDS.most) * MILLISECONDS_PER_DAY;
  return {
    dataset,
    playerId: `synthetic-${index.toString().padStart(7, "0")}`,
    operatorId: `operator-${random.pick({ a: 5, b: 3, c: 2 })}`,
    asOf: instantOf(Date.parse(now) - age),
  };
}

/** Share of players of whom nobody will know, whatever became of them. */
export const UNKNOWN = 0.06;
/** Days after which those who were watched for longer have excluded themselves. */
const LONG_WATCHED = 170;
/** Share of the known who were judged by a person. */
const REVIEWED = 0.15;

/**
 * Draws the outcome of a player who is a problem gambler with `probability`. With a chance of `unknown` nobody will
 * know it, whatever it is, so that `probability` stays right among the players who have a label. Unknown problem
 * gamblers excluded themselves within a week of their first bet where the dates allow it; else they were not watched
 * for long enough.
 */
export const syntheticOutcome = (random: Random, player: Player): Outcome => consistent(drawOutcome(random, player));

interface Player {
  readonly probability: number;
  readonly unknown: number;
  readonly asOf: string;
  readonly firstBetAt: string;
}

/**
 * Corrects an outcome: nobody bets for the first time after an exclusion or the last look, and whoever knows of an
 * exclusion has looked.
 */
function consistent(outcome: Drawn): Outcome {
  // Instants of one format are in the order of their texts.
  const { selfExcludedAt = outcome.observedUntil, firstBetAt, observedUntil } = outcome;
  return {
    ...outcome,
    firstBetAt: firstBetAt < selfExcludedAt ? firstBetAt : selfExcludedAt,
    observedUntil: observedUntil > selfExcludedAt ? observedUntil : selfExcludedAt,
  };
}

type Drawn = Outcome & { readonly firstBetAt: string; readonly observedUntil: string };

function drawOutcome(random: Random, player: Player): Drawn {
  const { probability, unknown, asOf, firstBetAt } = player;
  const start = Date.parse(asOf);
  const after = (days: number) => instantOf(start + days * MILLISECONDS_PER_DAY);
  const problem = random.chance(probability);
  const firstWeekEnds = Date.parse(firstBetAt) + 7 * MILLISECONDS_PER_DAY;

  if (random.chance(unknown)) {
    const observedUntil = after(random.between(1, 80));
    if (!problem || firstWeekEnds <= start) return { firstBetAt, observedUntil };
    return { firstBetAt, selfExcludedAt: instantOf(random.between(start + 1000, firstWeekEnds - 1000)), observedUntil };
  }
  const watched = random.between(100, AGE_OF_RECORDS.least);
  const observedUntil = after(watched);
  if (random.chance(REVIEWED)) {
    const source = random.chance(0.7) ? ("operator" as const) : ("labeller" as const);
    return { firstBetAt, label: { value: problem ? 1 : 0, source, at: after(random.between(1, 90)) }, observedUntil };
  }
  if (!problem) {
    // Some exclude themselves in the end, long after what models look ahead to.
    return { firstBetAt, ...(watched > LONG_WATCHED && { selfExcludedAt: after(watched - 5) }), observedUntil };
  }
  const earliest = Math.max(start, firstWeekEnds) + 1000 * SECONDS_PER_DAY;
  const latest = start + 89 * MILLISECONDS_PER_DAY;
  return { firstBetAt, selfExcludedAt: instantOf(random.between(earliest, Math.max(earliest, latest))), observedUntil };
}

/** Area under the ROC curve: the chance that a random positive scores above a random negative, ties counting half. */
export function auc(scores: readonly number[], labels: readonly number[]): number {
  return weightedAuc(scores.map((score, index) => ({ score, positive: labels[index] as number })));
}

/**
 * The AUC of true probabilities used as scores: no classifier does better. Needs no labels, so it has no label noise.
 */
export function bayesAuc(probabilities: readonly number[]): number {
  return weightedAuc(probabilities.map((probability) => ({ score: probability, positive: probability })));
}

function weightedAuc(rows: readonly { readonly score: number; readonly positive: number }[]): number {
  const sorted = [...rows].sort((one, other) => one.score - other.score);
  let [positives, negatives, concordant] = [0, 0, 0];
  for (let from = 0; from < sorted.length; ) {
    let [to, tiedPositives, tiedNegatives] = [from, 0, 0];
    for (; to < sorted.length && sorted[to]?.score === sorted[from]?.score; to += 1) {
      tiedPositives += sorted[to]?.positive ?? 0;
      tiedNegatives += 1 - (sorted[to]?.positive ?? 0);
    }
    concordant += tiedPositives * (negatives + tiedNegatives / 2);
    positives += tiedPositives;
    negatives += tiedNegatives;
    from = to;
  }
  return concordant / (positives * negatives);
}
