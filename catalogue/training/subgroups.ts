/** Age of majority: the first band begins with it. */
const FIRST_AGE = 18;

/** Last age of each age band that fairness is reported for; one band more has no end. */
export const LAST_AGES = [24, 34, 44, 54, 64] as const;

/** Names the age band of a player, such as `25-34`. */
function ageBand(age: number): string {
  const last = LAST_AGES.find((each) => age <= each);
  const before = LAST_AGES.findLast((each) => age > each);
  const from = before === undefined ? FIRST_AGE : before + 1;
  return last === undefined ? `${from}+` : `${from}-${last}`;
}

/** Names the attributes, in the order of `subgroups`. */
export const SUBGROUP_ATTRIBUTES = ["ageBand", "gender", "country"] as const;

/** The column of the context that tells the players of the rows apart, by a hash: rows of one player count together. */
export const PLAYER_COLUMN = "player";

/** Names the columns of the context of a run's test rows. */
export const CONTEXT_COLUMNS = [...SUBGROUP_ATTRIBUTES, PLAYER_COLUMN] as const;

/**
 * Names those of the second test. Earlier records of a player of the split `train` were trained on, so that one sees
 * whether a model does better for players whom it knows.
 */
export const OUT_OF_TIME_COLUMNS = [...CONTEXT_COLUMNS, "split"] as const;

/**
 * Lists the groups that a player belongs to, in the order of `SUBGROUP_ATTRIBUTES`; empty where the record does not say.
 * They never become features: evaluation compares a model's quality between them.
 */
export function subgroups(record: object): readonly string[] {
  const { age, gender, country } = record as { age?: number; gender?: string; country?: string };
  return [age === undefined ? "" : ageBand(age), gender ?? "", country ?? ""];
}
