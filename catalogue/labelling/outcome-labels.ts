import type { RecordIdentity, TrainingRecord } from "../datasets/kit/dataset";
import { MILLISECONDS_PER_DAY } from "../datasets/kit/time";

/** Many who exclude themselves so soon have hardly gambled (Catania & Griffiths 2021), so it says little of harm. */
const EARLY_EXCLUSION_DAYS = 7;

/** Who or what said so; ordered as it counts. `observation`: the player was watched, and what happened is the label. */
export const LABEL_SOURCES = ["operator", "labeller", "self-exclusion", "observation"] as const;

/** Tells whether a label is what happened, and nobody's verdict. */
export const isObserved = (source: Label["source"]): boolean => source === "self-exclusion" || source === "observation";

export interface Label {
  readonly value: number;
  readonly source: (typeof LABEL_SOURCES)[number];
  /**
   * Present where the outcome itself does not tell that the player would have been watched for the whole horizon: the
   * label counts if the operator is known to have watched others until then, in milliseconds since 1970.
   */
  readonly ifWatchedUntil?: number;
}

/** What labels are derived from. */
export type LabelledRecord = TrainingRecord<RecordIdentity & { readonly registeredAt?: string | undefined }>;

/** Derives a record's label from its outcome; `null` where the outcome does not say. */
export type LabelOf = (record: LabelledRecord) => Label | null;

/**
 * Makes the label of models that tell how likely a player excludes themselves within `horizonDays` after `asOf`
 * (docs/decisions/0034-labels-have-a-horizon.md).
 *
 * A person's verdict counts first: a labeller's, who looked at the record, if it came after `asOf`; an operator's, who
 * knows what happened since, if it came within the horizon too. Otherwise which records have a label depends on how
 * long players were watched, and never on what they did: an exclusion within the horizon is a positive, and none within
 * it a negative, when the horizon was over before the last look. Players who excluded themselves before `asOf`, or
 * within a week of their first bet, have no label.
 */
export const exclusionWithin =
  (horizonDays: number): LabelOf =>
  ({ asOf, registeredAt, outcome: { label, selfExcludedAt, firstBetAt, observedUntil } }) => {
    const start = Date.parse(asOf);
    const end = start + horizonDays * MILLISECONDS_PER_DAY;
    if (label && Date.parse(label.at) > start && (label.source === "labeller" || Date.parse(label.at) <= end)) {
      return { value: label.value, source: label.source };
    }
    const lastLook = observedUntil === undefined ? undefined : Date.parse(observedUntil);
    if (selfExcludedAt === undefined) return lastLook !== undefined && lastLook >= end ? NOT_EXCLUDED : null;

    const excluded = Date.parse(selfExcludedAt);
    // Nobody bets before they are registered, so whoever registered less than a week before had no time for more.
    const began = firstBetAt ?? registeredAt;
    if (excluded <= start || (began !== undefined && excluded - Date.parse(began) < EARLY)) return null;
    const found = excluded <= end ? EXCLUDED : NOT_EXCLUDED;
    // Some end their watch with the exclusion, or leave its end out. So an exclusion after the horizon tells no more of
    // the watch than one within it.
    const endsWithExclusion = lastLook === undefined || lastLook - excluded < MILLISECONDS_PER_DAY;
    if (endsWithExclusion) return { ...found, ifWatchedUntil: end };
    return lastLook >= end ? found : null;
  };

const EARLY = EARLY_EXCLUSION_DAYS * MILLISECONDS_PER_DAY;
const EXCLUDED: Label = { value: 1, source: "self-exclusion" };
const NOT_EXCLUDED: Label = { value: 0, source: "observation" };

/** Labels a player with the stake of the day asked for, in the currency of the models. */
export const observedStake: LabelOf = ({ outcome: { stake } }) =>
  stake === undefined ? null : { value: stake, source: "observation" };

/**
 * Finds until when an operator is known to have watched a player, in milliseconds since 1970; `undefined` where nobody
 * says. Players who excluded themselves tell nothing, because some operators end their watch with that.
 */
export const watchedUntil = ({ outcome: { selfExcludedAt, observedUntil } }: LabelledRecord): number | undefined =>
  selfExcludedAt === undefined && observedUntil !== undefined ? Date.parse(observedUntil) : undefined;
