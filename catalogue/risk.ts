import type { Model, RiskThresholds } from "./models";
import { RISK_GROUPS, type Risk, type RiskGroup } from "./vocabulary";

/** The most severe group whose threshold the score reaches. */
export function riskGroup(score: number, thresholds: RiskThresholds): RiskGroup {
  if (score >= thresholds.severe) return "severe";
  if (score >= thresholds.high) return "high";
  return score >= thresholds.moderate ? "moderate" : "low";
}

export function atOrAbove(group: RiskGroup, from: RiskGroup): boolean {
  return RISK_GROUPS.indexOf(group) >= RISK_GROUPS.indexOf(from);
}

/**
 * Why a player's prediction must be withheld (UKGC SR Code 3.4.3 requirement 10), or `undefined` when it may be given.
 * It fails safe: a player whose risk nobody could judge is treated as one at risk. The reasons are stable and
 * kebab-case, and do not tell the player's exact group.
 */
export function suppressionReason(
  suppression: Model["suppression"],
  riskOf: (model: string) => Risk | undefined,
): string | undefined {
  if (suppression === undefined) return undefined;
  const risk = riskOf(suppression.model) ?? "unknown";
  if (risk === "unknown") return "risk-unknown";
  return atOrAbove(risk, suppression.from) ? `risk-${suppression.from}-or-above` : undefined;
}
