import { z } from "zod";
import { scheduleExpression } from "./models";
import { section } from "./section";

const scheduled = section("When all players of a dataset are scored.", {
  schedule: scheduleExpression
    .default("rate(1 day)")
    .describe("When the newest record of every player is scored: `rate(…)`, `cron(…)` or `at(…)`."),
  enabled: z.boolean().default(false).describe("Whether the schedule starts scorings."),
});

/** Settings of a dataset that the configuration does not name. */
export const UNSCHEDULED = scheduled.parse({});

export const scoring = section("The scoring of all players (docs/scoring.md).", {
  concurrency: z
    .int()
    .min(1)
    .max(1_000)
    .default(50)
    .describe("The most groups of objects, or parts of the players, that one scoring works on at once."),
  datasets: z.record(z.string(), scheduled).default({}).describe("Schedule of each dataset's scoring, by its name."),
});
