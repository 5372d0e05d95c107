import { z } from "zod";
import { AUTOMATIC_LABELS, LABELLING_PROVIDERS, type LabellingSettings } from "../../catalogue/labelling/modes";
import { LABELLING_BOUNDS } from "../../contracts/retrain-request";
import { section } from "./section";

/** Takes a whole number within the bounds that requests are held to as well. */
const within = (setting: keyof typeof LABELLING_BOUNDS) =>
  z.int().min(LABELLING_BOUNDS[setting].least).max(LABELLING_BOUNDS[setting].most);

export const labelling = section("How records without an outcome label get a label.", {
  provider: z
    .enum(LABELLING_PROVIDERS)
    .default("own")
    .describe(
      "`own`: people, and a labelling model where there are records enough; `ground-truth`: a SageMaker labelling " +
        "job; `none`: such records are not used.",
    ),
  minimumForAutomatic: within("minimumForAutomatic")
    .default(5000)
    .describe(
      "Usable records from which on a labelling model labels, or chooses for people; with fewer, people are asked " +
        "about some by lot, and the run waits for them.",
    ),
  automaticLabels: z
    .enum(AUTOMATIC_LABELS)
    .default("none")
    .describe(
      "Labels that the labelling model gives to training rows: `none`, so that it only chooses what people look at; " +
        "`positives`, those of 1; or `both`, which hides harm that it does not know.",
    ),
  precision: z.number().gt(0.5).lt(1).default(0.95).describe("Precision that the labelling model's labels must have."),
  confidence: z.number().gt(0.5).lt(1).default(0.95).describe("Confidence with which they must have that precision."),
  maximumTasks: within("maximumTasks").default(500).describe("The most tasks that people get in one run."),
  votesToAgree: within("votesToAgree").default(2).describe("Votes for one answer that make it the label."),
  mostVotes: within("mostVotes").default(3).describe("The most labellers that one task is given to."),
  deadlineInSeconds: within("deadlineInSeconds")
    .default(259_200)
    .describe("Seconds that a run waits for people before it goes on with the labels that it has."),
  groundTruth: section('Settings of a labelling job; belongs to `provider: "ground-truth"`.', {
    workteamArn: z
      .string()
      .regex(/^arn:aws:sagemaker:/, "must be the ARN of a SageMaker work team")
      .describe("The work team that labels."),
    preHumanTaskLambdaArn: z
      .string()
      .regex(/^arn:aws:lambda:/, "must be the ARN of a function")
      .describe(
        "AWS's own function that prepares tasks of text classification in the region; Ground Truth's documentation " +
          "lists it.",
      ),
    consolidationLambdaArn: z
      .string()
      .regex(/^arn:aws:lambda:/, "must be the ARN of a function")
      .describe("AWS's own function that consolidates answers; the same page lists it."),
  }).exactOptional(),
})
  .refine(({ votesToAgree, mostVotes }) => votesToAgree <= mostVotes, {
    path: ["mostVotes"],
    message: "must be at least votesToAgree, otherwise no task is ever agreed on; raise it",
  })
  .refine(({ provider, groundTruth }) => (provider === "ground-truth") === (groundTruth !== undefined), {
    path: ["groundTruth"],
    message: 'belongs to provider "ground-truth"; give both or neither',
  }) satisfies z.ZodType<LabellingSettings>;

const rangeOf = (bound: z.ZodNumber) =>
  section("Where to search.", {
    from: bound.describe("The least value."),
    to: bound.describe("The greatest value."),
  }).refine(({ from, to }) => from < to, { path: ["to"], message: "must be above from" });

export const tuning = section("A search for hyperparameters; each of its jobs is a training on all data.", {
  maximumJobs: z.int().min(2).max(100).describe("The most trainings of a search."),
  parallelJobs: z.int().min(1).max(10).describe("Trainings of a search that run at once."),
  strategy: z
    .enum(["Random", "Bayesian"])
    .default("Random")
    .describe(
      "`Random` tries the same values again for the same settings; `Bayesian` learns from its trainings as they end.",
    ),
  integers: z
    .record(z.string(), rangeOf(z.int()))
    .default({})
    .describe("Ranges of XGBoost's hyperparameters that are whole numbers, by name."),
  numbers: z
    .record(z.string(), rangeOf(z.number()))
    .default({})
    .describe("Ranges of its other numbers, such as `{ eta: { from: 0.02, to: 0.3 } }`."),
})
  .refine(({ parallelJobs, maximumJobs }) => parallelJobs <= maximumJobs, {
    path: ["parallelJobs"],
    message: "must be at most maximumJobs; lower it",
  })
  .refine(({ integers, numbers }) => Object.keys({ ...integers, ...numbers }).length > 0, {
    path: ["numbers"],
    message: "searches nothing; give a range, such as numbers: { eta: { from: 0.02, to: 0.3 } }",
  });

export const guardrails = section("How an endpoint's update is guarded.", {
  canaryPercent: z
    .int()
    .min(5)
    .max(50)
    .default(50)
    .describe("Percentage of the new fleet that takes traffic first; needs two instances or more."),
  bakeInSeconds: z
    .int()
    .min(0)
    .max(3600)
    .default(300)
    .describe("Seconds for which the canary, and after it the whole new fleet, is watched."),
  errorShare: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.05)
    .describe("Share of requests above which failures with 5XX roll the update back."),
  latencyInMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(1000)
    .describe("Latency of the model (p99) above which it is rolled back."),
});
