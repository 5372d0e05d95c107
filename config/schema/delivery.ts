import { z } from "zod";
import {
  type DeliveryRules,
  MOST_AGE,
  MOST_RECEIPTS,
  receiptsWithin,
  WEBHOOK_REACHES,
} from "../../contracts/deliveries";
import { section } from "./section";

/** SQS lets a message wait for 12 hours at most, of which `MOST_PAUSE` counts; chance makes pauses longer by half. */
const LONGEST_PAUSE = 28_800;
/** Chance makes it longer by half, and then a message is as old as it may be. */
const LONGEST_RETRY = MOST_AGE / 1.5;

const seconds = (most: number) => z.int().min(1).max(most);

export const delivery = section("How events are delivered to operators, whichever delivery they have.", {
  retryForInSeconds: seconds(LONGEST_RETRY)
    .default(86_400)
    .describe("Seconds for which a message is tried at least; after that it is a dead letter, which can be redriven."),
  firstRetryInSeconds: seconds(LONGEST_PAUSE)
    .default(5)
    .describe("Seconds after the first attempt until the second; each further pause is twice as long."),
  longestRetryInSeconds: seconds(LONGEST_PAUSE).default(900).describe("The longest pause between two attempts."),
  connectTimeoutInSeconds: seconds(30).default(5).describe("Seconds in which a webhook's connection must stand."),
  callTimeoutInSeconds: seconds(60)
    .default(15)
    .describe("Seconds in which a receiver must have answered; Standard Webhooks advises 15 to 30."),
  circuit: section("When a delivery whose receiver fails is left alone.", {
    failures: z
      .int()
      .min(1)
      .max(1000)
      .default(5)
      .describe("Calls that fail, with none that succeeds between them, until no more are made."),
    openInSeconds: seconds(LONGEST_PAUSE)
      .default(30)
      .describe("Seconds until one call tries again; each time that it fails, twice as long."),
    longestInSeconds: seconds(LONGEST_PAUSE).default(900).describe("The most seconds until one call tries again."),
  }).prefault({}),
  maximumConcurrency: z
    .int()
    .min(2)
    .max(1000)
    .default(5)
    .describe("Batches of ten messages that one delivery has under way at once at most."),
  webhooksTo: z
    .enum(WEBHOOK_REACHES)
    .default("internet")
    .describe(
      "Hosts that webhooks may be sent to: `internet` refuses private, link-local and other special addresses and all " +
        "but https; `loopback` is this machine alone, for the emulator.",
    ),
});

export type DeliverySection = z.infer<typeof delivery>;

/** Puts the settings together that the function goes by. */
export const deliveryRulesOf = (settings: DeliverySection): DeliveryRules => ({
  retries: {
    first: settings.firstRetryInSeconds,
    longest: settings.longestRetryInSeconds,
    within: settings.retryForInSeconds,
  },
  connectSeconds: settings.connectTimeoutInSeconds,
  callSeconds: settings.callTimeoutInSeconds,
  circuit: {
    failures: settings.circuit.failures,
    open: settings.circuit.openInSeconds,
    longest: settings.circuit.longestInSeconds,
  },
});

interface Whole {
  readonly environment: string;
  readonly delivery: DeliverySection;
  readonly functions: { readonly deliver: { readonly timeoutInSeconds: number } };
}

/** Refuses what does not fit the function that delivers, the queues before it, or the environment. */
export function deliverable({ environment, delivery: settings, functions }: Whole, context: z.RefinementCtx): void {
  const refuse = (key: keyof typeof settings, message: string) =>
    context.addIssue({ code: "custom", path: ["delivery", key], message });
  // A trial, and then the rest of the batch.
  if (functions.deliver.timeoutInSeconds < 2 * settings.callTimeoutInSeconds + 10) {
    refuse(
      "callTimeoutInSeconds",
      "must leave functions.deliver.timeoutInSeconds twice its time and 10 seconds; lower it",
    );
  }
  if (receiptsWithin(deliveryRulesOf(settings).retries) > MOST_RECEIPTS) {
    refuse("longestRetryInSeconds", `makes more than the ${MOST_RECEIPTS} attempts that a queue counts; raise it`);
  }
  if (settings.webhooksTo === "loopback" && environment !== "local") {
    refuse("webhooksTo", "is for the emulator; take it out");
  }
}
