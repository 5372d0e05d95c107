import { type DeliveryRules, MOST_AGE, MOST_PAUSE, receiptsWithin } from "../../../contracts/deliveries";
import type { Input } from "../../../contracts/inputs";
import { pauseAfter, spread } from "./backoff";

type Handed = Input<"deliver">["Records"][number];

/** A message that was received from a delivery's queue. */
export interface Receipt {
  readonly messageId: string;
  /** Times that it was received, this one among them. */
  readonly receipts: number;
  /** Milliseconds since 1970 at which the queue got it. */
  readonly sentMs: number;
  /** What SQS knows this receipt by. */
  readonly receiptHandle: string;
  /** The event as it came. */
  readonly body: string;
}

/** Reads what Lambda tells of a message that it was handed. */
export const receiptOf = ({ messageId, receiptHandle, body, attributes }: Handed): Receipt => ({
  ...{ messageId, receiptHandle, body },
  receipts: Number(attributes.ApproximateReceiveCount),
  sentMs: Number(attributes.SentTimestamp),
});

export interface AgainPorts<R extends Receipt> {
  /** Has a message come again, in seconds from now. */
  readonly postpone: (received: R, seconds: number) => Promise<void>;
  /** Keeps a message that cannot be delivered, and tells so. */
  readonly giveUp: (received: R, reason: string) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Between 0 and 1. */
  readonly chance: () => number;
}

/** Has a message come again after its pause and not before so many seconds, unless it was tried for long enough. */
export async function comeAgain<R extends Receipt>(
  received: R,
  seconds: number,
  reason: string,
  { retries }: Pick<DeliveryRules, "retries">,
  { postpone, giveUp, now, chance }: AgainPorts<R>,
): Promise<{ readonly message: "again" | "given-up" }> {
  const { receipts, sentMs } = received;
  const least = Math.max(pauseAfter(retries, receipts, chance()), spread(Math.max(0, seconds), chance()));
  const pause = Math.min(MOST_PAUSE, least);
  const tooOld = now() + pause * 1000 > sentMs + MOST_AGE * 1000;
  if (tooOld || receipts >= receiptsWithin(retries)) {
    await giveUp(received, reason);
    return { message: "given-up" };
  }
  await postpone(received, pause);
  return { message: "again" };
}
