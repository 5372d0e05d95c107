import type { Outcome } from "../../../../catalogue/datasets/kit/outcome";
import type { Random } from "../../../../catalogue/datasets/kit/synthetic";
import { MILLISECONDS_PER_DAY } from "../../../../catalogue/datasets/kit/time";
import { without } from "./without";

/**
 * A world in which players exclude themselves at a rate of their own, day by day, and operators deliver what they know
 * on one day. No feature of ours and no generator shaped it, so it tells whether labels and scores mean what they claim.
 */

export const HORIZON_DAYS = 90;
/** Days between a player's record and the delivery: 3 to 30 months, and a few that are younger. */
const AGE = { least: 10, most: 900 };
export const DELIVERED = Date.parse("2026-11-01T00:00:00Z");

/** A player of that world at `asOf`. */
export interface Chances {
  /** Exclusions a day. */
  readonly hazard: number;
  /** Days since the registration. */
  readonly tenure: number;
  /** Days from `asOf` to the first bet. */
  readonly firstBet: number;
}

/** What is true of a player, in days after `asOf`. */
interface Truth {
  readonly firstBet: number;
  readonly excluded: number;
  /** The operator's delivery; nobody knows of what comes later. */
  readonly delivered: number;
  /** The operator's last look, if it lost sight of the player before. */
  readonly lost: number;
}

interface Told {
  readonly registeredAt?: string;
  readonly outcome: Outcome;
}

type Habit = (tell: (days: number) => string, told: Told, truth: Truth, random: Random) => Told;

const complete: Habit = (_tell, told) => told;

/** What operators make of it, by name. */
export const HABITS = {
  complete,
  "first-bet-left-out": (_tell, { outcome, ...rest }) => ({ ...rest, outcome: without(outcome, "firstBetAt") }),
  "first-bet-and-registration-left-out": (_tell, { outcome }) => ({ outcome: without(outcome, "firstBetAt") }),
  "watch-of-excluded-left-out": (_tell, { outcome, ...rest }) => ({
    ...rest,
    outcome: outcome.selfExcludedAt === undefined ? outcome : without(outcome, "observedUntil"),
  }),
  "watch-ends-with-exclusion": (_tell, { outcome, ...rest }) => ({
    ...rest,
    outcome: { ...outcome, ...(outcome.selfExcludedAt && { observedUntil: outcome.selfExcludedAt }) },
  }),
  "loses-sight": (tell, { outcome, ...rest }, { firstBet, excluded, lost, delivered }) => {
    const until = Math.min(lost, delivered);
    const late = { firstBetAt: firstBet > until, selfExcludedAt: excluded > until };
    const unseen = (["firstBetAt", "selfExcludedAt"] as const).filter((field) => late[field]);
    return { ...rest, outcome: { ...without(outcome, ...unseen), observedUntil: tell(until) } };
  },
  "suspected-before": (tell, { outcome, ...rest }, _truth, random) => ({
    ...rest,
    outcome: random.chance(0.1) ? { ...outcome, label: { value: 1, source: "operator", at: tell(-30) } } : outcome,
  }),
  "watch-is-of-the-excluded-alone": (_tell, { outcome, ...rest }) => {
    const { selfExcludedAt } = outcome;
    return {
      ...rest,
      outcome: { ...without(outcome, "observedUntil"), ...(selfExcludedAt && { observedUntil: selfExcludedAt }) },
    };
  },
  "watch-left-out": (_tell, { outcome, ...rest }) => ({ ...rest, outcome: without(outcome, "observedUntil") }),
} as const satisfies Readonly<Record<string, Habit>>;

export type HabitName = keyof typeof HABITS;

/** Somebody excludes themselves too early to count within so many days of the first bet. */
const EARLY_DAYS = 7;

export interface Watched extends Told {
  readonly asOf: string;
  /** False where the player excluded themselves too soon after the first bet, which counts for nothing. */
  readonly counts: boolean;
  /** Whether the player truly excludes themselves within the horizon. */
  readonly within: boolean;
  /** The chance of that, given that the player counts. */
  readonly probability: number;
}

/** Draws what becomes of a player, and what the player's operator tells of it. */
export function watch(habitName: HabitName, random: Random, draw: (asOf: string) => Chances): Watched {
  const age = random.between(AGE.least, AGE.most);
  const start = DELIVERED - age * MILLISECONDS_PER_DAY;
  const tell = (days: number) => new Date(start + days * MILLISECONDS_PER_DAY).toISOString();
  const { tenure, hazard, firstBet } = draw(tell(0));
  const truth: Truth = {
    firstBet,
    excluded: random.exponential(1 / hazard),
    delivered: age,
    lost: random.exponential(400),
  };
  const outcome: Outcome = {
    ...(firstBet <= Math.min(age, truth.excluded) && { firstBetAt: tell(firstBet) }),
    ...(truth.excluded <= age && { selfExcludedAt: tell(truth.excluded) }),
    observedUntil: tell(age),
  };
  const habit: Habit = HABITS[habitName];
  const exposed = HORIZON_DAYS - Math.max(0, firstBet + EARLY_DAYS);
  return {
    asOf: tell(0),
    ...habit(tell, { registeredAt: tell(-tenure), outcome }, truth, random),
    counts: truth.excluded - firstBet >= EARLY_DAYS,
    within: truth.excluded <= HORIZON_DAYS,
    probability: 1 - Math.exp(-hazard * Math.max(0, exposed)),
  };
}
