import { atOrAbove, RISK_GROUPS, type Risk, type RiskGroup } from "../risk/risk";
import type { Assessment, RaisedGroup } from "./evidence";
import { daysAfter } from "./instants";
import type { Policy } from "./policy";

/** The last assessment at or above a risk group, and what came of it. */
export interface Rung {
  readonly id: string;
  readonly at: string;
  readonly reasons: readonly string[];
  /** The most that assessments knew that built it; who knows less does not lower it. */
  readonly knows: number;
  /** Days with a lower assessment since; several of a day count once, so that asking often lowers nothing. */
  readonly lowerDays: number;
  /** The last of these days, such as `2026-11-26`. */
  readonly lastDay?: string;
}

export type Rungs = Readonly<Partial<Record<RaisedGroup, Rung>>>;

/** Groups above low, from the least severe on. */
export const RAISED = RISK_GROUPS.filter((group): group is RaisedGroup => group !== "low");

export const isKnown = (risk: Risk): risk is RiskGroup => risk !== "unknown";

/** Compares risks. The unknown one is below all others, because whoever saw nothing has seen no risk. */
export const isMore = (risk: Risk, than: Risk): boolean =>
  isKnown(risk) && (!isKnown(than) || (risk !== than && atOrAbove(risk, than)));

const minimumDaysOf = ({ levels }: Policy, level: number): number => levels[level]?.minimumDays ?? 0;

/** The day until which a rung alone keeps the level of its group. */
export const rungUntil = (policy: Policy, group: RaisedGroup, { at }: Rung): string =>
  daysAfter(at, minimumDaysOf(policy, policy.groups[group]));

/**
 * Finds the groups that assessments still hold at an instant: since the last assessment at or above the group too few
 * days had lower ones, or too little time has gone by. So a level rises at once and falls late, and whatever is replaced
 * by an assessment of more risk, no group is held shorter.
 */
export const heldGroups = (rungs: Rungs, policy: Policy, at: string): readonly RaisedGroup[] =>
  RAISED.filter((group) => {
    const rung = rungs[group];
    return rung !== undefined && (rung.lowerDays < policy.consecutive || at < rungUntil(policy, group, rung));
  });

/** Takes an assessment of known risk: it builds the rungs up to its group that may be, and counts against those above. */
export function withRungs(
  before: Rungs,
  { id, at, reasons, knows }: Assessment,
  risk: RiskGroup,
  mayBe: (group: RaisedGroup) => boolean,
): Rungs {
  const rungs: Partial<Record<RaisedGroup, Rung>> = { ...before };
  const day = at.slice(0, "2026-11-26".length);
  for (const group of RAISED) {
    const rung = rungs[group];
    if (atOrAbove(risk, group)) {
      if (mayBe(group)) rungs[group] = { id, at, reasons, knows: Math.max(knows, rung?.knows ?? 0), lowerDays: 0 };
    } else if (rung && knows >= rung.knows && rung.lastDay !== day) {
      rungs[group] = { ...rung, lowerDays: rung.lowerDays + 1, lastDay: day };
    }
  }
  return rungs;
}
