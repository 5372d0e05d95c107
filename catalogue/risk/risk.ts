import type { Model, RiskThresholds } from "../models";
import { RISK_GROUPS, type Risk, type RiskGroup } from "../vocabulary";

/** The most severe group whose threshold the score reaches. */
export function riskGroup(score: number, thresholds: RiskThresholds): RiskGroup {
  if (score >= thresholds.severe) return "severe";
  if (score >= thresholds.high) return "high";
  return score >= thresholds.moderate ? "moderate" : "low";
}

export type Suppression = NonNullable<Model["suppression"]>;

/** Whether a risk that is known is at or above that from which is suppressed. */
export const isAtRisk = (risk: Risk | undefined, { from }: Suppression): boolean =>
  risk !== undefined && risk !== "unknown" && atOrAbove(risk, from);

export function atOrAbove(group: RiskGroup, from: RiskGroup): boolean {
  return RISK_GROUPS.indexOf(group) >= RISK_GROUPS.indexOf(from);
}

/** What is known of a player's assessments of late: none was at or above the limit, one was, or nobody can tell. */
export type Past = "clear" | "at-risk" | "unknown";

/**
 * Why a player's prediction must be withheld (UKGC SR Code 3.4.3 requirement 10), or `undefined` when it may be given.
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
