import type { EventName } from "./events";
import { byField, integer, object, type Parsed, type Parser, text } from "./parse";

/** The events that operators get: what to enforce, and what to use no more. */
export const DELIVERED_EVENTS = [
  "InterventionDecided",
  "InterventionChanged",
  "MarketingSuppressed",
] as const satisfies readonly EventName[];

/** An event as a receiver gets it, in JSON, whichever way it goes: docs/deliveries.md. */
export interface DeliveredDocument {
  readonly type: (typeof DELIVERED_EVENTS)[number];
  /** When it happened; RFC 3339. */
  readonly timestamp: string;
  /** The event's detail, by its schema of this version. */
  readonly data: object;
}

/** The hosts that a webhook may be sent to: the internet's alone, or this machine's alone, where an emulator runs. */
export const WEBHOOK_REACHES = ["internet", "loopback"] as const;
export type WebhookReach = (typeof WEBHOOK_REACHES)[number];

/** How long a message is tried, how long a call may take, and when a delivery is left alone; all in seconds but counts. */
export const deliveryRules = object({
  retries: object({
    /** Pause after the first attempt; each further one is twice as long. */
    first: integer(1),
    /** The longest pause. */
    longest: integer(1),
    /** A message is tried for at least as long. */
    within: integer(1),
  }),
  connectSeconds: integer(1),
  callSeconds: integer(1),
  circuit: object({
    /** Calls that fail, with none that succeeds between them, until the circuit opens. */
    failures: integer(1),
    /** Seconds for which it opens first; each time that the trial after them fails, twice as long. */
    open: integer(1),
    /** The most seconds for which it opens. */
    longest: integer(1),
  }),
});

export type DeliveryRules = Parsed<typeof deliveryRules>;

/** Gives the least seconds between a receipt of a message, counted from 1, and the next one. */
export const leastPause = ({ first, longest }: Omit<DeliveryRules["retries"], "within">, receipt: number): number =>
  Math.min(longest, first * 2 ** Math.min(receipt - 1, 30));

/** Seconds after which a message is given up, however long its receiver asks us to stay away: long before its queue ends it. */
export const MOST_AGE = 3 * 86_400;

/**
 * The most seconds for which a message can wait: SQS has it wait for 12 hours from its receipt on, and a function may have
 * had it for as long as Lambda lets one run.
 */
export const MOST_PAUSE = 12 * 3_600 - 900;

/** SQS counts the receipts of a message up to a thousand; some are left over for calls that end without an answer. */
export const SPARE_RECEIPTS = 10;
export const MOST_RECEIPTS = 1000 - SPARE_RECEIPTS;

/** Counts the receipts of a message until it has been tried for long enough. */
export function receiptsWithin({ within, ...pauses }: DeliveryRules["retries"]): number {
  let receipts = 1;
  for (let seconds = 0; seconds < within; receipts += 1) seconds += leastPause(pauses, receipts);
  return receipts;
}

const about = {
  operatorId: text,
  name: text,
  /** ARN of the queue for what cannot be delivered. */
  deadLetters: text,
};

/** What the function that delivers is told of a delivery, by its kind: in an SSM parameter, named after its queue. */
const KINDS = {
  webhook: object({
    ...about,
    /** Where it posts to. */
    url: text,
    /** Name of the secret in Secrets Manager that it signs with. */
    secret: text,
  }),
  queue: object({
    ...about,
    /** ARN of the operator's queue. */
    queue: text,
  }),
} as const satisfies Readonly<Record<string, Parser<object>>>;

/** Kinds of deliveries that go through the function `deliver`. */
export type DeliveryKind = keyof typeof KINDS;

/** Settings of a delivery of one of these kinds. */
export type DeliverySettings<K extends DeliveryKind = DeliveryKind> = {
  readonly [Each in K]: { readonly kind: Each } & Parsed<(typeof KINDS)[Each]>;
}[K];

export const deliverySettings: Parser<DeliverySettings> = byField("kind", KINDS);

/** Names a delivery among all operators'. */
export const deliveryKey = ({ operatorId, name }: { readonly operatorId: string; readonly name: string }): string =>
  `${operatorId}/${name}`;
