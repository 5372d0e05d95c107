import type { z } from "zod";
import { MOST_AGE, receiptsWithin, SPARE_RECEIPTS } from "../../contracts/deliveries";
import type { FunctionName } from "../../contracts/functions";
import { KEPT_SECONDS, visibilityOf } from "../../contracts/queues";
import { type DeliverySection, deliveryRulesOf } from "./delivery";

interface Whole {
  readonly events: { readonly maxReceives: number };
  readonly delivery: DeliverySection;
  readonly functions: Readonly<
    Record<Extract<FunctionName, "republish" | "intervene" | "deliver" | "write-chain">, { timeoutInSeconds: number }>
  >;
}

/** Counts the receipts after which SQS itself makes a message of a delivery a dead letter. */
export const mostReceipts = (settings: DeliverySection): number =>
  receiptsWithin(deliveryRulesOf(settings).retries) + SPARE_RECEIPTS;

/** Refuses settings by which a message could be older than its queue keeps it, so that SQS would remove it in silence. */
export function keepable({ events, delivery, functions }: Whole, context: z.RefinementCtx): void {
  const queues = {
    republish: { tried: 0, receipts: events.maxReceives },
    intervene: { tried: 0, receipts: events.maxReceives },
    // Once a message is too old, it may be received until the function succeeds in giving it up.
    deliver: { tried: MOST_AGE, receipts: mostReceipts(delivery) },
    "write-chain": { tried: MOST_AGE, receipts: mostReceipts(delivery) },
  } as const;
  for (const name of Object.keys(queues) as (keyof typeof queues)[]) {
    const { tried, receipts } = queues[name];
    const seconds = tried + receipts * visibilityOf(functions[name].timeoutInSeconds);
    if (seconds < KEPT_SECONDS) continue;
    context.addIssue({
      code: "custom",
      path: ["functions", name, "timeoutInSeconds"],
      message:
        `and ${receipts} receipts let a message be ${Math.ceil(seconds / 86_400)} days old, of which its queue keeps it ` +
        `for ${KEPT_SECONDS / 86_400}; lower it, or have it tried less often`,
    });
  }
}
