import type { RecordIdentity, TrainingRecord } from "./dataset";
import type { Target } from "./vocabulary";

const DAY = 86_400_000;

/** Many who exclude themselves so soon have hardly gambled (Catania & Griffiths 2021), so it says little of harm. */
const EARLY_EXCLUSION_DAYS = 7;

/** How long a player must have been watched before "has not excluded themselves" says something. */
const OBSERVATION_DAYS = 90;

type Label = (record: TrainingRecord<RecordIdentity>) => number | null;

/**
 * A person's verdict counts first. Else an exclusion after `asOf` is a positive, unless it came within a week of the
 * first bet, or nobody knows of a first bet; an exclusion before `asOf` was known then, and is no outcome. Else the
 * absence of an exclusion is a negative once it has lasted for 90 days.
 */
const problemGambling: Label = ({ asOf, outcome: { label, selfExcludedAt, firstBetAt, observedUntil } }) => {
  if (label) return label.value;
  if (selfExcludedAt !== undefined) {
    if (firstBetAt === undefined || !(daysBetween(asOf, selfExcludedAt) > 0)) return null;
    return daysBetween(firstBetAt, selfExcludedAt) >= EARLY_EXCLUSION_DAYS ? 1 : null;
  }
  return observedUntil !== undefined && daysBetween(asOf, observedUntil) >= OBSERVATION_DAYS ? 0 : null;
};

/** What a model of each target is trained to predict; `null` is unknown, and the row is not used. */
export const labels: Readonly<Record<Target, Label>> = {
  "problem-gambling": problemGambling,
  stake: ({ outcome }) => outcome.stake ?? null,
};

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY;
}
