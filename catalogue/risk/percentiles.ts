/**
 * Tells how many of a group's players have a lower score. Of up to 10,000 players it holds every score; of more it leaves
 * out scores between which fewer than a ten-thousandth of the players lie, so a percentile is at most 0.01 too low.
 */
export interface Ranks {
  /** Players who were ranked. */
  readonly players: number;
  /** Scores in ascending order, and for each the players with a lower one. */
  readonly scores: readonly number[];
  readonly below: readonly number[];
}

/** The most scores that ranks hold. */
export const STEPS = 10_000;

/** Ranks scores, which it sorts. */
export function ranksOf(all: Float64Array, steps = STEPS): Ranks {
  const sorted = all.sort();
  const least = sorted.length / steps;
  const scores: number[] = [];
  const below: number[] = [];
  let kept = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < sorted.length; index += 1) {
    const score = sorted[index] as number;
    if ((index > 0 && score === sorted[index - 1]) || index - kept < least) continue;
    scores.push(score);
    below.push(index);
    kept = index;
  }
  return { players: sorted.length, scores, below };
}

/** Gives the share of the players with a lower score, in percent; `undefined` when nobody was ranked. */
export function percentileOf({ players, scores, below }: Ranks, score: number): number | undefined {
  let [low, high] = [0, scores.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((scores[middle] as number) <= score) low = middle + 1;
    else high = middle;
  }
  return players === 0 ? undefined : (100 * (below[low - 1] ?? 0)) / players;
}
