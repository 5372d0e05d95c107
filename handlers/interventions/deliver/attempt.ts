import { type DeliveryRules, receiptsWithin } from "../../../contracts/deliveries";
import type { Adapter, Message } from "./adapter";
import { pauseAfter, spread } from "./backoff";
import type { Claim } from "./store";

/** A message as a delivery's queue has it. */
export interface Received {
  readonly messageId: string;
  /** Times that it was received, this one among them. */
  readonly receipts: number;
  /** What SQS knows this receipt by. */
  readonly receiptHandle: string;
  /** The event as it came. */
  readonly body: string;
  readonly message: Message;
}

/** What an attempt needs of its delivery. */
export interface AttemptPorts {
  readonly adapter: Adapter;
  readonly claim: (event: string, messageId: string, nowMs: number, untilMs: number) => Promise<Claim>;
  readonly delivered: (event: string, nowMs: number) => Promise<void>;
  /** Has a message come again, in seconds from now. */
  readonly postpone: (received: Received, seconds: number) => Promise<void>;
  /** Keeps a message that cannot be delivered, and tells so. */
  readonly giveUp: (received: Received, reason: string) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Between 0 and 1. */
  readonly chance: () => number;
}

/** What became of a message; and what that tells of the receiver, if it was called. */
export interface Step {
  readonly message: "delivered" | "known" | "again" | "given-up";
  readonly receiver?: "answers" | "fails";
}

/** Seconds for which a message is an attempt's alone, beyond the time of its call. */
const MARGIN_SECONDS = 30;

export const holdSeconds = ({ callSeconds }: DeliveryRules): number => callSeconds + MARGIN_SECONDS;

/** Delivers a message, unless that was done before; what cannot be delivered now comes again or is given up. */
export async function attempt(received: Received, rules: DeliveryRules, ports: AttemptPorts): Promise<Step> {
  const { message, messageId } = received;
  const now = ports.now();
  const claim = await ports.claim(message.id, messageId, now, now + holdSeconds(rules) * 1000);
  if (claim.kind === "delivered") return { message: "known" };
  if (claim.kind === "held") {
    return comeAgain(received, (claim.untilMs - now) / 1000, "another attempt has not ended", rules, ports);
  }
  const outcome = await ports.adapter.send(message, AbortSignal.timeout(rules.callSeconds * 1000));
  switch (outcome.kind) {
    case "delivered":
      await ports.delivered(message.id, ports.now());
      return { message: "delivered", receiver: "answers" };
    case "refused":
      await ports.giveUp(received, outcome.reason);
      return { message: "given-up", receiver: "answers" };
    case "failed":
      return {
        ...(await comeAgain(received, outcome.afterSeconds ?? 0, outcome.reason, rules, ports)),
        receiver: "fails",
      };
  }
}

/** Has a message come again after its pause and so many seconds, unless it was tried for long enough. */
export async function comeAgain(
  received: Received,
  seconds: number,
  reason: string,
  { retries }: DeliveryRules,
  { postpone, giveUp, chance }: Pick<AttemptPorts, "postpone" | "giveUp" | "chance">,
): Promise<Step> {
  if (received.receipts >= receiptsWithin(retries)) {
    await giveUp(received, reason);
    return { message: "given-up" };
  }
  const pause = Math.max(pauseAfter(retries, received.receipts, chance()), spread(Math.max(0, seconds), chance()));
  await postpone(received, pause);
  return { message: "again" };
}
