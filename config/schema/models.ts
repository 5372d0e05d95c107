import { z } from "zod";
import { isInstanceType } from "../../catalogue/training/instance-storage";
import { guardrails, labelling, tuning, untunable } from "./retraining";
import { scheduleProblem } from "./schedule";

/** `rate(…)`, `cron(…)` or `at(…)`, as EventBridge Scheduler takes them. */
export const scheduleExpression = z.string().superRefine((expression, context) => {
  const message = scheduleProblem(expression);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

export const instanceType = z
  .string()
  .refine(
    isInstanceType,
    'must be a SageMaker instance type such as "ml.m5.large"; correct it, or add its family to catalogue/training/instance-storage.ts',
  );

const vpc = z.strictObject({
  subnetIds: z.array(z.string().regex(/^subnet-/, 'must start with "subnet-"')).min(1),
  securityGroupIds: z.array(z.string().regex(/^sg-/, 'must start with "sg-"')).min(1),
});

const realtime = z
  .strictObject({
    mode: z.literal("realtime"),
    instanceType,
    minInstances: z.int().min(1),
    maxInstances: z.int().min(1),
    /** Invocations per instance and minute that auto scaling steers to. */
    targetInvocationsPerInstance: z.int().min(1).default(1000),
    vpc: vpc.optional(),
    /** Whether the container reaches no network; `training.networkIsolation` is another. */
    networkIsolation: z.boolean().default(true),
    guardrails: guardrails.prefault({}),
  })
  .refine(({ minInstances, maxInstances }) => minInstances <= maxInstances, {
    path: ["maxInstances"],
    message: "must be at least minInstances; raise it or lower minInstances",
  });

const serverless = z.strictObject({
  mode: z.literal("serverless"),
  memorySizeInMb: z.union(
    [1024, 2048, 3072, 4096, 5120, 6144].map((size) => z.literal(size)),
    "must be one of 1024, 2048, 3072, 4096, 5120, 6144",
  ),
  maxConcurrency: z.int().min(1).max(200),
  guardrails: z
    .never({ error: 'serverless endpoints have no deployment guardrails; remove them or set mode to "realtime"' })
    .optional(),
  // SageMaker guide, serverless-endpoints, "Feature exclusions".
  vpc: z.never({ error: 'serverless endpoints cannot run in a VPC; remove vpc or set mode to "realtime"' }).optional(),
  networkIsolation: z
    .never({ error: 'serverless endpoints have no network isolation; remove it or set mode to "realtime"' })
    .optional(),
});

export const serving = z.discriminatedUnion("mode", [realtime, serverless]);

const image = z.enum(["built-in", "ecr"]);

const gateRule = z
  .strictObject({
    metric: z.string().min(1),
    better: z.enum(["higher", "lower"]),
    bound: z.number().exactOptional(),
    beatBaselineBy: z.number().exactOptional(),
    mayLoseToChampion: z.number().min(0).exactOptional(),
  })
  .refine((rule) => [rule.bound, rule.beatBaselineBy, rule.mayLoseToChampion].some((bound) => bound !== undefined), {
    message: "demands nothing; give bound, beatBaselineBy or mayLoseToChampion",
  });

const alarm = z
  .strictObject({
    /** Part of the alarm's name, after the model's. */
    name: z.string().regex(/^[a-z0-9-]{1,40}$/, "must be 1 to 40 of a-z, 0-9 and -"),
    namespace: z.string().min(1),
    metric: z.string().min(1),
    dimensions: z.record(z.string(), z.string()).default({}),
    statistic: z.enum(["Average", "Sum", "Minimum", "Maximum", "SampleCount"]),
    threshold: z.number(),
    comparison: z.enum([
      "GreaterThanThreshold",
      "GreaterThanOrEqualToThreshold",
      "LessThanThreshold",
      "LessThanOrEqualToThreshold",
    ]),
    periodInSeconds: z.int().min(60).max(86_400).multipleOf(60, "must be whole minutes"),
    evaluationPeriods: z.int().min(1).max(100),
  })
  .refine(
    ({ periodInSeconds, evaluationPeriods }) =>
      periodInSeconds * evaluationPeriods <= (periodInSeconds < 3600 ? 1 : 7) * 86_400,
    {
      path: ["evaluationPeriods"],
      message: "CloudWatch looks back at most a day, or seven in periods of an hour or more; lower it",
    },
  );

const modelShape = z.strictObject({
  serving,
  /** `built-in`: SageMaker's XGBoost. `ecr`: the image of `containers/xgboost` in the model's own repository. */
  image: image.default("built-in"),
  /** Tag of the image in the model's repository; belongs to `image: "ecr"`. */
  imageTag: z
    .string()
    .regex(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/, "must be 1 to 128 letters, digits, _, . and -, as ECR takes them")
    .refine((tag) => tag !== "latest", {
      error:
        "cannot be the tag of a second image, because tags of the repository never change; tag each build, by its " +
        "commit for example, and name that tag here",
    })
    .exactOptional(),
  /** How often new data retrains the model: its time horizon. */
  retraining: z.strictObject({
    schedule: scheduleExpression,
    enabled: z.boolean(),
    /** `manual`: a candidate that passes the gate waits until a person approves it in the model registry. */
    approval: z.enum(["automatic", "manual"]).default("automatic"),
    /** Lets a run that somebody starts by hand ask for less: no approval, fewer votes, labels of a model, other labellers. */
    requestsMayLoosen: z.boolean().default(false),
    /** What a candidate must achieve; without it, the default gate of its target in `catalogue/targets.ts` decides. */
    gate: z.array(gateRule).min(1).optional(),
    /** Share of the players that a responsible-gambling team can look after: recall is measured at it. */
    alertBudget: z.number().gt(0).lt(1).default(0.05),
    /** A run whose training could cost more is refused. */
    maximumCostInUsd: z.int().min(1).default(50),
    /** Registered versions that stay with all that belongs to them, so that each can be rolled back to. */
    versionsToKeep: z.int().min(1).max(50).default(20),
    labelling: labelling.prefault({}),
    /** Whether the model's alarms (drift, and those of `alarms`) retrain it. */
    onAlarm: z.boolean().default(true),
    /** Alarms on any metric of CloudWatch, beside the one on drift. */
    alarms: z
      .array(alarm)
      .refine((alarms) => new Set(alarms.map(({ name }) => name)).size === alarms.length, {
        message: "has two alarms of one name; rename one",
      })
      .default([]),
  }),
  training: z
    .strictObject({
      /** Whether the containers of training, tuning, labelling and evaluation reach no network. */
      networkIsolation: z.boolean().default(true),
      vpc: vpc.optional(),
      /** Interruptible instances at a lower price; an interrupted training goes on from its checkpoint in our own image, and begins anew in the built-in. */
      spot: z.boolean().default(false),
      tuning: tuning.optional(),
    })
    .prefault({}),
});

export const modelSettings = modelShape
  .refine(({ image, imageTag }) => (image === "ecr") === (imageTag !== undefined), {
    path: ["imageTag"],
    message: 'belongs to image "ecr"; give both or neither',
  })
  .superRefine(({ image, training: { tuning } }, context) => {
    for (const path of image === "ecr" || tuning === undefined ? [] : untunable(tuning)) {
      context.addIssue({
        code: "custom",
        path: ["training", "tuning", ...path],
        message:
          "is no range that SageMaker searches on the built-in image; take it out, give it as the other kind of " +
          'number, or set image to "ecr"',
      });
    }
  });
