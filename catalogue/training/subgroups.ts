/** Upper bounds of the age bands that fairness is reported for; the last has none. */
const AGE_BANDS = [
  [24, "18-24"],
  [34, "25-34"],
  [44, "35-44"],
  [54, "45-54"],
  [64, "55-64"],
  [Number.POSITIVE_INFINITY, "65+"],
] as const;

/** Names of the attributes, in the order of `subgroups`. */
export const SUBGROUP_ATTRIBUTES = ["ageBand", "gender", "country"] as const;

/**
 * The groups that a player belongs to, in the order of `SUBGROUP_ATTRIBUTES`; empty where the record does not say.
 * They never become features: evaluation compares a model's quality between them.
 */
export function subgroups(record: object): readonly string[] {
  const { age, gender, country } = record as { age?: number; gender?: string; country?: string };
  const band = age === undefined ? "" : (AGE_BANDS.find(([upTo]) => age <= upTo)?.[1] ?? "");
  return [band, gender ?? "", country ?? ""];
}
