import type { Omission } from "../../../catalogue/datasets/kit/omissions";

const TWO_TO_THE_32 = 2 ** 32;

/** Share of the players whose records are trained on a second time, without something. */
const SHARE = 0.3;
/** Part of a record's weight that this row has: it teaches which way a missing value goes, and little else. */
export const PARTIAL_WEIGHT = 0.3;
/** Where in a player's hash it stands whether, how much, and what; the split is taken from its first bytes. */
const [WHETHER, HOW_MUCH, WHAT, FEWER, FEWEST] = [8, 12, 16, 20, 24];

/**
 * Leaves out of some players' records what operators may leave out: of every other player each thing with a chance of a
 * half, of the rest of an eighth, because some operators lack much, and some one thing. A tree sends a missing value the
 * way that was better for rows without it; where every row had it that way is arbitrary, and players of an operator that
 * leaves it out are misjudged (docs/decisions/0043-models-learn-from-records-that-lack-something.md).
 */
export function withOmissions<R>(record: R, omissions: readonly Omission<R>[], playerHash: Buffer): R {
  const drawn = (place: number) => playerHash.readUInt32BE(place);
  if (drawn(WHETHER) >= SHARE * TWO_TO_THE_32) return record;
  const coins = drawn(HOW_MUCH) % 2 === 0 ? drawn(WHAT) : drawn(WHAT) & drawn(FEWER) & drawn(FEWEST);
  return omissions
    .filter((_, index) => (coins >>> index) & 1)
    .reduce((partial, omission) => omission.from(partial), record);
}
