import { z } from "zod";
import { LABELLING_PROVIDERS } from "../../catalogue/labelling/modes";
import { LABELLING_BOUNDS } from "../../contracts/retrain-request";

/** A whole number within the bounds that requests are held to as well. */
const within = (setting: keyof typeof LABELLING_BOUNDS) =>
  z.int().min(LABELLING_BOUNDS[setting].least).max(LABELLING_BOUNDS[setting].most);

/** How records that the anchor leaves without a label get one. */
export const labelling = z
  .strictObject({
    /** `own`: people, and a labelling model where there are records enough; `none`: such records are not used. */
    provider: z.enum(LABELLING_PROVIDERS).default("own"),
    /** Usable records from which on a labelling model labels; with fewer, people do, and the run waits for them. */
    minimumForAutomatic: within("minimumForAutomatic").default(5000),
    /** Precision that the labelling model's labels must have, and the confidence with which they must have it. */
    precision: z.number().gt(0.5).lt(1).default(0.95),
    confidence: z.number().gt(0.5).lt(1).default(0.95),
    /** The most tasks that people get in one run. */
    maximumTasks: within("maximumTasks").default(500),
    /** Votes for one answer that make it the label, and the most labellers that one task is given to. */
    votesToAgree: within("votesToAgree").default(2),
    mostVotes: within("mostVotes").default(3),
    /** How long a run waits for people before it goes on with the labels that it has. */
    deadlineInSeconds: within("deadlineInSeconds").default(259_200),
    /** Only read with `provider: "ground-truth"`. */
    groundTruth: z
      .strictObject({
        workteamArn: z.string().regex(/^arn:aws:sagemaker:/, "must be the ARN of a SageMaker work team"),
        /** AWS's own functions for text classification in the region; Ground Truth's documentation lists them. */
        preHumanTaskLambdaArn: z.string().regex(/^arn:aws:lambda:/, "must be the ARN of a function"),
        consolidationLambdaArn: z.string().regex(/^arn:aws:lambda:/, "must be the ARN of a function"),
      })
      .exactOptional(),
  })
  .refine(({ votesToAgree, mostVotes }) => votesToAgree <= mostVotes, {
    path: ["mostVotes"],
    message: "must be at least votesToAgree, otherwise no task is ever agreed on; raise it",
  })
  .refine(({ provider, groundTruth }) => (provider === "ground-truth") === (groundTruth !== undefined), {
    path: ["groundTruth"],
    message: 'belongs to provider "ground-truth"; give both or neither',
  });

const rangeOf = (bound: z.ZodNumber) =>
  z
    .strictObject({ from: bound, to: bound })
    .refine(({ from, to }) => from < to, { path: ["to"], message: "must be above from" });

/** What a search may vary on SageMaker's built-in XGBoost, and as which kind: "Tune an XGBoost Model" in its guide. */
const TUNABLE: Readonly<Record<"integers" | "numbers", readonly string[]>> = {
  integers: ["max_delta_step", "max_depth", "num_round"],
  numbers: [
    ...["alpha", "colsample_bylevel", "colsample_bynode", "colsample_bytree", "eta", "gamma", "lambda"],
    ...["min_child_weight", "subsample"],
  ],
};

/** Paths within a tuning of the ranges that the built-in image cannot search. */
export const untunable = (searched: z.output<typeof tuning>): readonly (readonly string[])[] =>
  (["integers", "numbers"] as const).flatMap((kind) =>
    Object.keys(searched[kind]).flatMap((name) => (TUNABLE[kind].includes(name) ? [] : [[kind, name]])),
  );

/** A search for hyperparameters; each of its jobs is a training of the whole data. */
export const tuning = z
  .strictObject({
    maximumJobs: z.int().min(2).max(100),
    parallelJobs: z.int().min(1).max(10),
    /** `Random` tries the same values again for the same settings; `Bayesian` learns from its trainings as they end. */
    strategy: z.enum(["Random", "Bayesian"]).default("Random"),
    /** By hyperparameter of XGBoost: where to search. */
    integers: z.record(z.string(), rangeOf(z.int())).default({}),
    numbers: z.record(z.string(), rangeOf(z.number())).default({}),
  })
  .refine(({ parallelJobs, maximumJobs }) => parallelJobs <= maximumJobs, {
    path: ["parallelJobs"],
    message: "must be at most maximumJobs; lower it",
  })
  .refine(({ integers, numbers }) => Object.keys({ ...integers, ...numbers }).length > 0, {
    path: ["numbers"],
    message: "searches nothing; give a range, such as numbers: { eta: { from: 0.02, to: 0.3 } }",
  });

/** How an endpoint's update is guarded. Only real-time endpoints have this. */
export const guardrails = z.strictObject({
  /** Share of the new fleet that takes traffic first; needs two instances or more. */
  canaryPercent: z.int().min(5).max(50).default(50),
  /** How long the canary, and after it the whole new fleet, is watched. */
  bakeInSeconds: z.int().min(0).max(3600).default(300),
  /** Share of requests that may fail with 5XX, and the latency of the model in milliseconds (p99) that is too much. */
  errorShare: z.number().gt(0).lt(1).default(0.05),
  latencyInMs: z.int().min(1).max(60_000).default(1000),
});
