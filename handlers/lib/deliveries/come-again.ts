import { type DeliveryRules, receiptsWithin } from "../../../contracts/deliveries";
import { pauseAfter, spread } from "./backoff";

/** A message that was received from a delivery's queue. */
export interface Receipt {
  readonly messageId: string;
  /** Times that it was received, this one among them. */
  readonly receipts: number;
  /** What SQS knows this receipt by. */
  readonly receiptHandle: string;
  /** The event as it came. */
  readonly body: string;
}

export interface AgainPorts<R extends Receipt> {
  /** Has a message come again, in seconds from now. */
  readonly postpone: (received: R, seconds: number) => Promise<void>;
  /** Keeps a message that cannot be delivered, and tells so. */
  readonly giveUp: (received: R, reason: string) => Promise<void>;
  /** Between 0 and 1. */
  readonly chance: () => number;
}

/** Has a message come again after its pause and so many seconds, unless it was tried for long enough. */
export async function comeAgain<R extends Receipt>(
  received: R,
  seconds: number,
  reason: string,
  { retries }: Pick<DeliveryRules, "retries">,
  { postpone, giveUp, chance }: AgainPorts<R>,
): Promise<{ readonly message: "again" | "given-up" }> {
  if (received.receipts >= receiptsWithin(retries)) {
    await giveUp(received, reason);
    return { message: "given-up" };
  }
  const pause = Math.max(pauseAfter(retries, received.receipts, chance()), spread(Math.max(0, seconds), chance()));
  await postpone(received, pause);
  return { message: "again" };
}
