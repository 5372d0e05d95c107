import type { RecordIdentity, TrainingRecord } from "../datasets/kit/dataset";
import { MILLISECONDS_PER_DAY } from "../datasets/kit/time";

/**
 * Days after the first bet in which an exclusion says little of harm: many who exclude themselves so soon have hardly
 * gambled (Catania & Griffiths 2021).
 */
const EARLY_EXCLUSION_DAYS = 7;

/** Days that a player must have been watched before the absence of an exclusion says something. */
const OBSERVATION_DAYS = 90;

/**
 * Sources of labels, the one that counts most first. `observation`: the player was watched, and what happened is the
 * label.
 */
export const LABEL_SOURCES = ["operator", "labeller", "self-exclusion", "observation"] as const;

export interface Label {
  readonly value: number;
  readonly source: (typeof LABEL_SOURCES)[number];
}

/** Derives a record's label from its outcome; `null` where the outcome does not say. */
export type LabelOf = (record: TrainingRecord<RecordIdentity>) => Label | null;

/**
 * Labels a player as having a gambling problem or not. A person's verdict counts first. Else an exclusion after `asOf` is
 * a positive, unless it came within a week of the first bet, or nobody knows of a first bet; an exclusion before `asOf`
 * was known then, and is no outcome. Else the absence of an exclusion is a negative once it has lasted for 90 days.
 */
export const problemGamblingLabel: LabelOf = ({
  asOf,
  outcome: { label, selfExcludedAt, firstBetAt, observedUntil },
}) => {
  if (label) return label;
  if (selfExcludedAt !== undefined) {
    if (firstBetAt === undefined || !(daysBetween(asOf, selfExcludedAt) > 0)) return null;
    return daysBetween(firstBetAt, selfExcludedAt) >= EARLY_EXCLUSION_DAYS ? EXCLUDED : null;
  }
  return observedUntil !== undefined && daysBetween(asOf, observedUntil) >= OBSERVATION_DAYS ? NOT_EXCLUDED : null;
};

const EXCLUDED: Label = { value: 1, source: "self-exclusion" };
const NOT_EXCLUDED: Label = { value: 0, source: "observation" };

/** Labels a player with the stake of the day asked for, in the currency of the models. */
export const observedStake: LabelOf = ({ outcome: { stake } }) =>
  stake === undefined ? null : { value: stake, source: "observation" };

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / MILLISECONDS_PER_DAY;
}
