import type { Outcome } from "../../../../catalogue/datasets/kit/outcome";
import { createRandom, type Random } from "../../../../catalogue/datasets/kit/synthetic";
import { MILLISECONDS_PER_DAY } from "../../../../catalogue/datasets/kit/time";

/**
 * A world in which players exclude themselves at a rate of their own, day by day, and operators deliver what they know
 * on one day. No feature of ours and no generator shaped it, so it tells whether labels mean what they claim.
 */

/** Days between a player's record and the delivery: 3 to 30 months, and a few that are younger. */
const AGE = { least: 10, most: 900 };
export const DELIVERED = Date.parse("2026-11-01T00:00:00Z");

/** What is true of a player, in days after `asOf`. */
interface Truth {
  readonly registered: number;
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

const without = (outcome: Outcome, ...fields: readonly (keyof Outcome)[]): Outcome =>
  Object.fromEntries(Object.entries(outcome).filter(([field]) => !fields.includes(field as keyof Outcome)));

/** What operators make of it, by name. */
export const HABITS: Readonly<Record<string, Habit>> = {
  complete: (_tell, told) => told,
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
  "loses-sight": (tell, { outcome, ...rest }, { excluded, lost, delivered }) => {
    const until = Math.min(lost, delivered);
    const { selfExcludedAt, ...quiet } = outcome;
    return {
      ...rest,
      outcome: { ...quiet, ...(excluded <= until && { selfExcludedAt }), observedUntil: tell(until) } as Outcome,
    };
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
};

export interface Delivered extends Told {
  readonly operatorId: string;
  readonly playerId: string;
  readonly asOf: string;
}

/** Whether somebody excludes themselves within a week of the first bet, which counts for nothing. */
const early = ({ firstBet, excluded }: Truth) => excluded - firstBet < 7;

/** Draws an operator's players: what it tells of them, and whether they truly exclude themselves within 90 days. */
export function playersOf(operatorId: string, players: number) {
  const habit = HABITS[operatorId] as Habit;
  return Array.from({ length: players }, (_, index) => {
    const random = createRandom(20_261_126, index);
    const age = random.between(AGE.least, AGE.most);
    const tenure = random.chance(0.1) ? random.between(0, 7) : random.exponential(400);
    // Log-normal hazards: a few players carry most of the risk.
    const hazard = random.logNormal(0.0004, 1.2);
    const registered = -tenure;
    const firstBet = registered + random.exponential(1);
    const truth: Truth = {
      registered,
      firstBet,
      excluded: random.exponential(1 / hazard),
      delivered: age,
      lost: random.exponential(400),
    };
    const start = DELIVERED - age * MILLISECONDS_PER_DAY;
    const tell = (days: number) => new Date(start + days * MILLISECONDS_PER_DAY).toISOString();
    const known = truth.excluded <= age;
    const outcome: Outcome = {
      ...(firstBet <= Math.min(age, truth.excluded) && { firstBetAt: tell(firstBet) }),
      ...(known && { selfExcludedAt: tell(truth.excluded) }),
      observedUntil: tell(age),
    };
    const told = habit(tell, { registeredAt: tell(registered), outcome }, truth, random);
    return {
      record: { operatorId, playerId: `player-${index}`, asOf: tell(0), ...told } satisfies Delivered,
      counts: !early(truth),
      within: truth.excluded <= 90,
    };
  });
}
