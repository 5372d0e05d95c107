/** Words shared by every dataset, model and handler. Pure constants: safe to import anywhere. */

/** Ordered from the least to the most severe; the order is what "at or above" compares. */
export const RISK_GROUPS = ["low", "moderate", "high", "severe"] as const;
export type RiskGroup = (typeof RISK_GROUPS)[number];

/** What a model says of a player's risk: a group, or that the record tells too little to judge. */
export type Risk = RiskGroup | "unknown";

/** One thing wrong with a document: where (RFC 6901 pointer, relative to the document) and what. */
export interface Problem {
  readonly pointer: string;
  readonly message: string;
}
