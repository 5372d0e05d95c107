import { z } from "zod";
import { SIGNALS } from "../../catalogue/drift/signals";
import { VARIABLES } from "../../contracts/environment";
import { scheduleExpression } from "./models";
import { wholeNumber } from "./numbers";
import { section } from "./section";

export const drift = section(
  "How traffic is captured, and how its distance from what a model was trained on is measured (docs/operations.md, Drift).",
  {
    captureShare: z
      .number()
      .min(VARIABLES.CAPTURE_SHARE.least)
      .max(VARIABLES.CAPTURE_SHARE.most)
      .describe("Share of the players whose features and scores are captured; 0 captures none and needs no streams."),
    bufferInMb: z
      .int()
      .min(1)
      .max(128)
      .describe("Size of captured rows at which Firehose writes them to the data bucket."),
    bufferInSeconds: z
      .int()
      .min(0)
      .max(900)
      .describe("Time after which Firehose writes captured rows, however few there are."),
    windowHours: wholeNumber(VARIABLES.WINDOW_HOURS).describe("Hours of traffic that one measurement looks back at."),
    minimumRows: wholeNumber(VARIABLES.MINIMUM_ROWS).describe(
      "A measurement of fewer players is skipped, because it would show chance and not drift.",
    ),
    maximumRows: wholeNumber(VARIABLES.MAXIMUM_ROWS).describe(
      "The most players whose rows one measurement compares; of more, it takes a sample.",
    ),
    schedule: scheduleExpression.describe("When drift is measured: `rate(…)`, `cron(…)` or `at(…)`."),
    enabled: z.boolean().describe("Whether the schedule measures drift."),
    trafficReferenceHours: z
      .number()
      .min(VARIABLES.TRAFFIC_REFERENCE_HOURS.least)
      .max(VARIABLES.TRAFFIC_REFERENCE_HOURS.most)
      .describe(
        "Hours for which a version must have served before its own traffic becomes what later traffic is compared with.",
      ),
    thresholds: section("Values above which the alarm of a signal goes off (docs/operations.md, Drift).", {
      score: z.number().positive().default(SIGNALS.score.threshold).describe("PSI of the score."),
      features: z
        .number()
        .positive()
        .max(1)
        .default(SIGNALS.features.threshold)
        .describe("Share of the features whose own PSI is above 0.1."),
      risk: z
        .number()
        .min(1)
        .default(SIGNALS.risk.threshold)
        .describe("Factor by which the share of players at or above a risk group has changed, either way."),
      domain: z
        .number()
        .min(0.5)
        .max(1)
        .default(SIGNALS.domain.threshold)
        .describe("AUROC by which a classifier tells the traffic from the reference."),
    }).prefault({}),
  },
)
  .refine(({ captureShare, enabled }) => captureShare > 0 || !enabled, {
    path: ["enabled"],
    message: "needs captured traffic; raise captureShare or set this to false",
  })
  .refine(({ minimumRows, maximumRows }) => minimumRows <= maximumRows, {
    path: ["minimumRows"],
    message: "must be at most maximumRows, otherwise every measurement is skipped; lower it",
  });
