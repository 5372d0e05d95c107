import type { Model, RiskThresholds } from "../models";

/** The risk groups, from the least to the most severe; the order is what "at or above" compares. */
export const RISK_GROUPS = ["low", "moderate", "high", "severe"] as const;
export type RiskGroup = (typeof RISK_GROUPS)[number];

/** A player's risk as a model tells it: a group, or that the record tells too little to judge. */
export type Risk = RiskGroup | "unknown";

/** Finds the most severe group whose threshold a score reaches. */
export function riskGroup(score: number, thresholds: RiskThresholds): RiskGroup {
  if (score >= thresholds.severe) return "severe";
  if (score >= thresholds.high) return "high";
  return score >= thresholds.moderate ? "moderate" : "low";
}

export type Suppression = NonNullable<Model["suppression"]>;

/** Says whether a risk is known, and at or above the group from which predictions are suppressed. */
export const isAtRisk = (risk: Risk | undefined, { from }: Suppression): boolean =>
  risk !== undefined && risk !== "unknown" && atOrAbove(risk, from);

/** Makes the stricter of a model's rule and one that withholds from this group on. */
export const strictestOf = (suppression: Suppression, from: RiskGroup): Suppression =>
  atOrAbove(suppression.from, from) ? { ...suppression, from } : suppression;

/** Says whether a group is at least as severe as another. */
export function atOrAbove(group: RiskGroup, from: RiskGroup): boolean {
  return RISK_GROUPS.indexOf(group) >= RISK_GROUPS.indexOf(from);
}

/** Recent assessments of a player: none was at or above the limit, one was, or nobody can tell. */
export type Past = "clear" | "at-risk" | "unknown";

/**
 * Says why a player's prediction must be withheld (UKGC SR Code 3.4.3 requirement 10), or nothing when it may be given.
 * It fails safe: a player whose risk nobody could judge is treated as one at risk, and the worst of the recent assessments
 * counts. The reasons are stable and kebab-case, and do not tell the player's exact group.
 */
export function suppressionReason(
  suppression: Suppression | undefined,
  riskOf: (model: string) => Risk | undefined,
  pastOf: (suppression: Suppression) => Past = () => "clear",
): string | undefined {
  if (suppression === undefined) return undefined;
  const risk = riskOf(suppression.model) ?? "unknown";
  if (risk === "unknown") return "risk-unknown";
  if (isAtRisk(risk, suppression)) return `risk-${suppression.from}-or-above`;
  const past = pastOf(suppression);
  if (past === "clear") return undefined;
  return past === "at-risk" ? `risk-${suppression.from}-or-above-lately` : "risk-history-unknown";
}
