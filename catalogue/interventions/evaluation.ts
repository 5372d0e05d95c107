import { SECONDS_PER_DAY } from "../datasets/kit/time";
import type { AssessedPrediction, Assessment } from "./evidence";
import type { EvidenceLog } from "./fold";
import { type Context, interventionOf, startingAt, step } from "./standing";

/** A player's score as an intervention began, and some time after. */
export interface Case {
  readonly level: number;
  readonly heldOut: boolean;
  readonly before: number;
  readonly after: number;
}

/** The mean of a change, and the standard error of that mean; the error of fewer than two cases is infinite. */
interface Mean {
  readonly cases: number;
  readonly before: number;
  readonly after: number;
  readonly change: number;
  readonly error: number;
}

export interface LevelReport {
  readonly level: number;
  readonly treated: Mean;
  readonly heldOut: Mean;
  /**
   * What the intervention did: the treated players' mean change less that of those who were held out, with its 95 %
   * interval. Absent where one of them has fewer than two cases.
   */
  readonly effect?: { readonly difference: number; readonly from: number; readonly to: number };
}

/** Standard errors to each side of a 95 % interval. */
const Z = 1.96;

/** The prediction that told an assessment's risk. */
const decisive = ({ predictions, risk }: Assessment): AssessedPrediction | undefined =>
  predictions.find((each) => each.risk === risk && each.score !== undefined);

/**
 * Finds the interventions of a player's evidence: each rise of the level by an assessment with its score, and that of the
 * same model's first assessment that is at least so many days later. A rise without one, yet, is left out.
 */
export function casesOf({ base, entries }: EvidenceLog, context: Context, days: number): readonly Case[] {
  const [first] = entries;
  if (first === undefined) return [];
  const cases: Case[] = [];
  let standing = base?.standing ?? startingAt(first.at);
  for (const [place, entry] of entries.entries()) {
    const before = standing.level;
    standing = step(standing, entry, context);
    if (entry.kind !== "assessment" || standing.level <= before) continue;
    const told = decisive(entry);
    const from = Date.parse(entry.at) + days * SECONDS_PER_DAY * 1000;
    const later = entries
      .slice(place + 1)
      .filter(({ kind, at }) => kind === "assessment" && Date.parse(at) >= from)
      .flatMap((each) => (each.kind === "assessment" ? each.predictions : []))
      .find(({ model, score }) => model === told?.model && score !== undefined);
    if (told?.score === undefined || later?.score === undefined) continue;
    const { heldOut } = interventionOf(standing, context);
    cases.push({ level: standing.level, heldOut, before: told.score, after: later.score });
  }
  return cases;
}

/** Compares risk before and after interventions, by level, and of soft ones with the players who were held out. */
export function evaluate(cases: readonly Case[]): readonly LevelReport[] {
  const levels = [...new Set(cases.map(({ level }) => level))].toSorted((one, other) => one - other);
  return levels.map((level) => {
    const of = (heldOut: boolean) => meanOf(cases.filter((each) => each.level === level && each.heldOut === heldOut));
    const [treated, heldOut] = [of(false), of(true)];
    const difference = treated.change - heldOut.change;
    const error = Math.hypot(treated.error, heldOut.error);
    const effect = { difference, from: difference - Z * error, to: difference + Z * error };
    return { level, treated, heldOut, ...(Number.isFinite(error) && { effect }) };
  });
}

function meanOf(cases: readonly Case[]): Mean {
  const count = cases.length;
  const mean = (value: (each: Case) => number) =>
    cases.reduce((sum, each) => sum + value(each), 0) / Math.max(1, count);
  const change = mean(({ before, after }) => after - before);
  const squares = cases.reduce((sum, { before, after }) => sum + (after - before - change) ** 2, 0);
  return {
    cases: count,
    before: mean(({ before }) => before),
    after: mean(({ after }) => after),
    change,
    error: count < 2 ? Number.POSITIVE_INFINITY : Math.sqrt(squares / (count - 1) / count),
  };
}
