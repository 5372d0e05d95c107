/** What to do about an operator whose labels are all the same, which can hardly be chance. */
export const ONE_SIDED_ACTIONS = ["fail", "report"] as const;
export type OneSidedAction = (typeof ONE_SIDED_ACTIONS)[number];

/** Counts an operator's labels that are what happened, the positive ones of them, and the players they are about. */
interface Observed {
  readonly operator: string;
  readonly observed: number;
  readonly observedPositives: number;
  readonly players: number;
}

/** An operator's rarer label may be so many times rarer than the others', and is still believed. */
const LEAST_SHARE = 1 / 4;
/** Chance of failing an operator that is as rare as that, and all is well. */
const MOST_CHANCE = 0.001;

/**
 * Finds the operators whose observed labels are all positive or all negative, where that can hardly be chance: because
 * they leave out a field, exclusions are delivered elsewhere, or only excluded players are. A model trained on that
 * learns who the operator is, and its probabilities are wrong for everybody.
 *
 * What the other operators show of the missing label is a Gamma distribution of its rate (Jeffreys' prior), and the
 * number to expect of this operator at a quarter of that rate a negative binomial one. Its chance of 0 must be below
 * 0.001. Nobody can say it of an operator that is alone.
 */
export function oneSided<T extends Observed>(operators: readonly T[]): readonly T[] {
  return operators.filter((operator) => {
    const { observed, observedPositives, players } = operator;
    if (observedPositives > 0 && observedPositives < observed) return false;
    const others = operators.filter((other) => other !== operator && other.observed > 0);
    // A player's records have the same label more often than not, so players are counted and not records.
    const sum = (of: (other: Observed) => number) => others.reduce((total, each) => total + of(each), 0);
    const all = sum((other) => other.players);
    const missing = sum((other) => (other.players * missingOf(other, observedPositives === 0)) / other.observed);
    return missing > 0 && (all / (all + LEAST_SHARE * players)) ** (missing + 1 / 2) < MOST_CHANCE;
  });
}

const missingOf = ({ observed, observedPositives }: Observed, arePositive: boolean): number =>
  arePositive ? observedPositives : observed - observedPositives;
