import { integer, object, type Parsed, text, textOf } from "./parse";

/**
 * The heads of operators' audit logs, one a day, in the bucket whose objects nobody changes: docs/interventions.md,
 * "Audit".
 */

/** Prefix with the heads, in a folder an operator. */
export const HEADS = "heads/";

/** Names the folder with an operator's heads. */
export const headsOf = (operatorId: string): string => `${HEADS}${operatorId}/`;

/** Names the object with the head that an operator's log had on the day of an instant, in UTC. */
export const headKey = (operatorId: string, at: Date): string =>
  `${headsOf(operatorId)}${at.toISOString().slice(0, 10)}.json`;

/** Parses such an object. */
export const anchoredHead = object({
  operatorId: text,
  /** Entry that was the last. */
  sequence: integer(1),
  hash: textOf("SHA-256 in hexadecimal digits", 64, /^[0-9a-f]{64}$/),
  /** RFC 3339. */
  at: text,
});

export type AnchoredHead = Parsed<typeof anchoredHead>;
