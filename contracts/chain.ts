import type { EventName } from "./events";
import { integer, number, object, optional, type Parsed, text } from "./parse";

/** The events that are recorded on a chain. */
export const RECORDED_EVENTS = ["InterventionDecided", "InterventionChanged"] as const satisfies readonly EventName[];

/**
 * The most records of a transaction. They take 5.3 million gas, of 16.7 million that a transaction may (EIP-7825), and
 * 22 kB, of 400 that an item of DynamoDB may.
 */
export const MOST_RECORDS = 100;

/** What the function that writes to a chain is told of a delivery: in an SSM parameter, named after its queue. */
export const chainSettings = object({
  operatorId: text,
  name: text,
  /** ARN of the queue for what cannot be delivered. */
  deadLetters: text,
  /** URL of a node. Without it, the secret holds it. */
  rpcUrl: optional(text),
  /** Name of the secret in Secrets Manager with the URL of a node. */
  rpcSecret: optional(text),
  chainId: integer(1),
  /** Address of the contract. */
  contract: text,
  /** Blocks, the record's own among them, after which it is final. */
  confirmations: integer(1),
  /** The most that a transaction offers for a unit of gas. */
  mostFeeInGwei: number(0),
  /** ARN of the key of KMS that signs. */
  key: text,
  /** Name of the secret in Secrets Manager with the salt of pseudonyms. */
  salt: text,
});

export type ChainSettings = Parsed<typeof chainSettings>;
