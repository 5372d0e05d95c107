import type { State } from "./fold";
import type { Rules } from "./policy";
import type { MarketingStop } from "./standing";

/** The part of a player's state by which predictions for marketing are given or withheld. */
export interface MarketingStanding {
  /** Why nobody may market to the player, whatever was consented to. */
  readonly stop?: Exclude<MarketingStop, "consent">;
  /** What the player said last; absent where that is nothing. */
  readonly consent?: boolean;
}

/** Finds what a player's state says of marketing. It says nothing of a player of whom nothing is known. */
export function marketingOf(state: State | undefined): MarketingStanding {
  const { marketingStop: stop, marketingConsent: consent } = state ?? {};
  return { ...(stop && stop !== "consent" && { stop }), ...(consent !== undefined && { consent }) };
}

const STOPPED: {
  readonly [S in NonNullable<MarketingStanding["stop"]>]: (rule: Rules["marketing"]) => string;
} = {
  "self-exclusion": () => "self-excluded",
  intervention: () => "intervention",
  risk: ({ suppressFrom }) => `risk-${suppressFrom}-or-above-lately`,
};

/**
 * Says why predictions for marketing must be withheld from the operator, or nothing when they may be given. It fails
 * safe: of a player whose standing nobody can tell (`undefined`), none are given. The reasons are stable and kebab-case.
 */
export function marketingReason(standing: MarketingStanding | undefined, rule: Rules["marketing"]): string | undefined {
  if (standing === undefined) return "marketing-status-unknown";
  if (standing.stop) return STOPPED[standing.stop](rule);
  return (standing.consent ?? rule.consent === "presumed") ? undefined : "no-consent";
}
