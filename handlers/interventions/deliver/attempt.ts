import type { DeliveryRules } from "../../../contracts/deliveries";
import { type AgainPorts, comeAgain, type Receipt } from "../../lib/deliveries/come-again";
import type { Adapter, Message } from "./adapter";
import type { Claim } from "./store";

/** A message as a delivery's queue has it. */
export interface Received extends Receipt {
  readonly message: Message;
}

/** What an attempt needs of its delivery. */
export interface AttemptPorts extends AgainPorts<Received> {
  readonly adapter: Adapter;
  readonly claim: (event: string, messageId: string, nowMs: number, untilMs: number) => Promise<Claim>;
  readonly delivered: (event: string, nowMs: number) => Promise<void>;
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
      return { message: "given-up", receiver: "fails" };
    case "failed":
      return {
        ...(await comeAgain(received, outcome.afterSeconds ?? 0, outcome.reason, rules, ports)),
        receiver: "fails",
      };
  }
}
