import { z } from "zod";
import { section } from "./section";

export const events = section("The events that follow a prediction: their bus, and the queues before functions.", {
  archiveDays: z
    .int()
    .min(1)
    .max(3_650)
    .default(30)
    .describe("Days for which the bus's archive keeps events, so that they can be replayed."),
  maxReceives: z
    .int()
    .min(5)
    .max(1_000)
    .default(50)
    .describe(
      "Times that a message is handed to its function before it is a dead letter, each six times the function's time " +
        "after the one before; Lambda's guide advises 5 or more, and what is throttled for an hour takes more.",
    ),
  maximumConcurrency: z
    .int()
    .min(2)
    .max(1_000)
    .default(10)
    .describe("The most calls of a function that each queue before it makes at once."),
});
