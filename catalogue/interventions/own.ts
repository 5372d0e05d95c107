import { isDeepStrictEqual } from "node:util";
import type { OwnLimits } from "./evidence";
import { endOf, hoursAfter, latest } from "./instants";
import { combine } from "./restrictions";

/**
 * Hours after which limits that are looser may be confirmed: the Gambling Commission's Remote Technical Standards,
 * requirement 12, have an increase wait for at least 24 hours and then be confirmed, and a decrease hold at once.
 *
 * https://www.gamblingcommission.gov.uk/standards/remote-gambling-and-software-technical-standards/rts-12-financial-limits
 */
const LOOSENING_HOURS = 24;

/**
 * Hours that a self-exclusion lasts at least: the shortest time-out of the Gambling Commission's Social Responsibility
 * Code 3.3.4, which knows none that is shorter; what it calls self-exclusion lasts six months at least.
 */
export const LEAST_EXCLUSION_HOURS = 24;

/** What holds of a player by the player's own word. */
export interface Own {
  readonly limits: OwnLimits;
  /** Looser limits that were asked for. They hold once they are declared again, a day after `at` or later. */
  readonly asked?: { readonly limits: OwnLimits; readonly at: string };
  /** The end of the last cool-off, which no later declaration brings forward. */
  readonly coolOffUntil?: string;
}

/**
 * Takes limits that a player declares. What is stricter holds at once, what is looser once it was confirmed. A cool-off
 * begins with the declaration.
 */
export function afterDeclaring(own: Own, declared: OwnLimits, at: string): Own {
  const { coolOffHours, ...limits } = declared;
  const { coolOffHours: _, ...before } = own.limits;
  const again = own.asked && isDeepStrictEqual(own.asked.limits, limits) ? own.asked : undefined;
  const confirmed = again !== undefined && at >= hoursAfter(again.at, LOOSENING_HOURS);
  const holds: OwnLimits = confirmed ? limits : combine(before, limits);
  const coolOffUntil = latest(own.coolOffUntil, endOf(at, coolOffHours));
  return {
    limits: { ...holds, ...(coolOffHours !== undefined && { coolOffHours }) },
    ...(!isDeepStrictEqual(holds, limits) && { asked: again ?? { limits, at } }),
    ...(coolOffUntil !== undefined && { coolOffUntil }),
  };
}
