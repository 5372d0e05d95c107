import { z } from "zod";
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
      .describe("Share of the requests whose features and scores are captured; 0 captures none and needs no streams."),
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
      "A measurement with fewer rows is skipped, because it would show chance and not drift.",
    ),
    maximumRows: wholeNumber(VARIABLES.MAXIMUM_ROWS).describe(
      "The most rows that one measurement reads; of more, it reads a sample.",
    ),
    schedule: scheduleExpression.describe("When drift is measured: `rate(…)`, `cron(…)` or `at(…)`."),
    enabled: z.boolean().describe("Whether the schedule measures drift."),
    alarmThreshold: z
      .number()
      .positive()
      .max(VARIABLES.DRIFT_THRESHOLD.most)
      .describe("PSI above which a feature has drifted and its model's alarm goes off."),
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
