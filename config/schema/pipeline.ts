import { z } from "zod";
import { LONGEST_APPROVAL } from "../../contracts/retrain-request";
import { instanceType } from "./models";
import { section } from "./section";

export const pipeline = section("Settings of the main state machine, for the runs of all models.", {
  prepareConcurrency: z
    .int()
    .min(1)
    .max(1000)
    .describe("Groups of objects of one run that are read side by side, by a function each."),
  toleratedFailurePercentage: z
    .int()
    .min(0)
    .max(100)
    .describe("Percentage of a run's groups of objects that may fail before the run does."),
  endpointPollInSeconds: z.int().min(1).max(300).describe("Seconds between two looks at an endpoint that is updated."),
  endpointDeadlineInSeconds: z
    .int()
    .min(10)
    .max(7200)
    .describe(
      "Seconds that an endpoint's update may take; SageMaker rolls a guarded one back then. A run looks on, more " +
        "rarely, for four times as long, because nothing can stop an update.",
    ),
  approvalDeadlineInSeconds: z
    .int()
    .min(1)
    .max(LONGEST_APPROVAL)
    .describe("Seconds that a candidate waits for a person's approval."),
  evaluationInstanceType: instanceType.describe("Instance type of evaluations."),
  toleratedRejectedShare: z
    .number()
    .min(0)
    .max(1)
    .describe("Share of a run's records, and of their bytes, that may be unusable before the run fails."),
  minimumRows: z.int().min(10).describe("A run with fewer labelled rows, over all splits, ends as skipped."),
});
