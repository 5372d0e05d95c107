import type { RecordIdentity, TrainingRecord } from "../datasets/kit/dataset";
import type { Target } from "../vocabulary";

const DAY = 86_400_000;

/** Many who exclude themselves so soon have hardly gambled (Catania & Griffiths 2021), so it says little of harm. */
const EARLY_EXCLUSION_DAYS = 7;

/** How long a player must have been watched before "has not excluded themselves" says something. */
const OBSERVATION_DAYS = 90;

/** Who or what said so; ordered as it counts. `observation`: the player was watched, and what happened is the label. */
export const LABEL_SOURCES = ["operator", "labeller", "self-exclusion", "observation"] as const;

export interface Label {
  readonly value: number;
  readonly source: (typeof LABEL_SOURCES)[number];
}

type LabelOf = (record: TrainingRecord<RecordIdentity>) => Label | null;

/**
 * A person's verdict counts first. Else an exclusion after `asOf` is a positive, unless it came within a week of the
 * first bet, or nobody knows of a first bet; an exclusion before `asOf` was known then, and is no outcome. Else the
 * absence of an exclusion is a negative once it has lasted for 90 days.
 */
const problemGambling: LabelOf = ({ asOf, outcome: { label, selfExcludedAt, firstBetAt, observedUntil } }) => {
  if (label) return label;
  if (selfExcludedAt !== undefined) {
    if (firstBetAt === undefined || !(daysBetween(asOf, selfExcludedAt) > 0)) return null;
    return daysBetween(firstBetAt, selfExcludedAt) >= EARLY_EXCLUSION_DAYS ? EXCLUDED : null;
  }
  return observedUntil !== undefined && daysBetween(asOf, observedUntil) >= OBSERVATION_DAYS ? NOT_EXCLUDED : null;
};

const EXCLUDED: Label = { value: 1, source: "self-exclusion" };
const NOT_EXCLUDED: Label = { value: 0, source: "observation" };

/** What a model of each target is trained to predict; `null` is unknown. */
export const labels: Readonly<Record<Target, LabelOf>> = {
  "problem-gambling": problemGambling,
  stake: ({ outcome: { stake } }) => (stake === undefined ? null : { value: stake, source: "observation" }),
};

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY;
}
