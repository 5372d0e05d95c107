import { z } from "zod";
import { SECONDS_PER_DAY } from "../../catalogue/datasets/kit/time";
import { ONE_SIDED_ACTIONS } from "../../catalogue/labelling/one-sided";
import { type GateRule, UNDECIDED_ACTIONS } from "../../catalogue/training/gate";
import { isInstanceType } from "../../catalogue/training/instance-storage";
import { guardrails, labelling, tuning } from "./retraining";
import { scheduleProblem } from "./schedule";
import { section } from "./section";

/** Takes `rate(…)`, `cron(…)` and `at(…)` as EventBridge Scheduler does. */
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

const vpc = section("The private network that containers run in.", {
  subnetIds: z
    .array(z.string().regex(/^subnet-/, 'must start with "subnet-"'))
    .min(1)
    .describe("Subnets of the network."),
  securityGroupIds: z
    .array(z.string().regex(/^sg-/, 'must start with "sg-"'))
    .min(1)
    .describe("Security groups of the containers."),
});

const realtime = section("An endpoint on instances that are always there.", {
  mode: z.literal("realtime").describe("Instances that are always there, or `serverless`."),
  instanceType: instanceType.describe("Instance type of the endpoint."),
  minInstances: z.int().min(1).describe("The fewest instances; two or more lie in several availability zones."),
  maxInstances: z.int().min(1).describe("The most instances; as many as the fewest switch auto scaling off."),
  targetInvocationsPerInstance: z
    .int()
    .min(1)
    .default(1000)
    .describe("Invocations per instance and minute that auto scaling steers to."),
  vpc: vpc.optional(),
  networkIsolation: z
    .boolean()
    .default(true)
    .describe("Whether the container reaches no network; `training.networkIsolation` is another."),
  guardrails: guardrails.prefault({}),
}).refine(({ minInstances, maxInstances }) => minInstances <= maxInstances, {
  path: ["maxInstances"],
  message: "must be at least minInstances; raise it or lower minInstances",
});

const serverless = section("An endpoint that costs nothing while nobody calls it.", {
  mode: z.literal("serverless").describe("No instances while nobody calls, or `realtime`."),
  memorySizeInMb: z
    .union(
      [1024, 2048, 3072, 4096, 5120, 6144].map((size) => z.literal(size)),
      "must be one of 1024, 2048, 3072, 4096, 5120, 6144",
    )
    .describe("Memory of each container."),
  maxConcurrency: z
    .int()
    .min(1)
    .max(200)
    .describe("Calls that the endpoint answers at once; further ones are refused."),
  guardrails: z
    .never({ error: 'serverless endpoints have no deployment guardrails; remove them or set mode to "realtime"' })
    .optional(),
  // SageMaker guide, serverless-endpoints, "Feature exclusions".
  vpc: z.never({ error: 'serverless endpoints cannot run in a VPC; remove vpc or set mode to "realtime"' }).optional(),
  networkIsolation: z
    .never({ error: 'serverless endpoints have no network isolation; remove it or set mode to "realtime"' })
    .optional(),
});

export const serving = z.discriminatedUnion("mode", [realtime, serverless]).describe("How the model's endpoint runs.");

const image = z.enum(["built-in", "ecr"]);

const gateRule = section("A rule that a candidate must keep.", {
  metric: z.string().min(1).describe("Path of a figure in the evaluation, such as `auroc.value`."),
  better: z.enum(["higher", "lower"]).describe("Which way the figure is better."),
  bound: z.number().exactOptional().describe("The figure that must be reached."),
  beatBaselineBy: z.number().exactOptional().describe("How much better than the best naive baseline it must be."),
  mayLoseToChampion: z
    .number()
    .min(0)
    .exactOptional()
    .describe("How much worse than the champion it may be, which the interval of the paired difference must show."),
  relative: z
    .boolean()
    .exactOptional()
    .describe("Makes the two margins shares: 0.02 is 2 % of what the candidate is compared with."),
}).refine((rule) => [rule.bound, rule.beatBaselineBy, rule.mayLoseToChampion].some((bound) => bound !== undefined), {
  message: "demands nothing; give bound, beatBaselineBy or mayLoseToChampion",
}) satisfies z.ZodType<GateRule>;

const alarm = section("An alarm on a metric of CloudWatch.", {
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, "must be 1 to 40 of a-z, 0-9 and -")
    .describe("Part of the alarm's name, after the model's."),
  namespace: z.string().min(1).describe("The metric's namespace."),
  metric: z.string().min(1).describe("The metric's name."),
  dimensions: z.record(z.string(), z.string()).default({}).describe("The metric's dimensions."),
  statistic: z
    .enum(["Average", "Sum", "Minimum", "Maximum", "SampleCount"])
    .describe("How the values of a period are put together."),
  threshold: z.number().describe("What the values are compared with."),
  comparison: z
    .enum(["GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"])
    .describe("How they are compared."),
  periodInSeconds: z
    .int()
    .min(60)
    .max(SECONDS_PER_DAY)
    .multipleOf(60, "must be whole minutes")
    .describe("Length of a period."),
  evaluationPeriods: z.int().min(1).max(100).describe("Periods one after the other that set the alarm off."),
}).refine(
  ({ periodInSeconds, evaluationPeriods }) =>
    periodInSeconds * evaluationPeriods <= (periodInSeconds < 3600 ? 1 : 7) * SECONDS_PER_DAY,
  {
    path: ["evaluationPeriods"],
    message: "CloudWatch looks back at most a day, or seven in periods of an hour or more; lower it",
  },
);

const modelShape = section("Settings of one model.", {
  serving,
  image: image
    .default("built-in")
    .describe(
      "`built-in`: SageMaker's XGBoost. `ecr`: the image of `containers/xgboost` in the model's own repository.",
    ),
  imageTag: z
    .string()
    .regex(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/, "must be 1 to 128 letters, digits, _, . and -, as ECR takes them")
    .refine((tag) => tag !== "latest", {
      error:
        "cannot be the tag of a second image, because tags of the repository never change; tag each build, by its " +
        "commit for example, and name that tag here",
    })
    .exactOptional()
    .describe('Tag of the image in the model\'s repository; belongs to `image: "ecr"`.'),
  retraining: section("When the model is retrained, on whose labels, and what a candidate must achieve.", {
    schedule: scheduleExpression.describe(
      "The model's time horizon: when new data retrain it, by `rate(…)`, `cron(…)` or `at(…)`.",
    ),
    enabled: z.boolean().describe("Whether the schedule starts runs."),
    approval: z
      .enum(["automatic", "manual"])
      .default("automatic")
      .describe("`manual`: a candidate that passes the gate waits until a person approves it in the model registry."),
    requestsMayLoosen: z
      .boolean()
      .default(false)
      .describe(
        "Lets a run that somebody starts by hand ask for less: no approval, fewer votes, labels of a model, other labellers.",
      ),
    gate: z
      .array(gateRule)
      .min(1)
      .optional()
      .describe(
        "What a candidate must achieve; without it, the default gate of its target in `catalogue/targets.ts` decides.",
      ),
    undecided: z
      .enum(UNDECIDED_ACTIONS)
      .default("keep-champion")
      .describe(
        "What becomes of a candidate that is not worse, and that the held-out rows are too few to call as good: " +
          "`keep-champion`, or `promote` it.",
      ),
    alertBudget: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.05)
      .describe("Share of the players that a responsible-gambling team can look after: recall is measured at it."),
    maximumCostInUsd: z.int().min(1).default(50).describe("A run whose training could cost more is refused."),
    versionsToKeep: z
      .int()
      .min(1)
      .max(50)
      .default(20)
      .describe("Registered versions that stay with all that belongs to them, so that each can be rolled back to."),
    oneSided: z
      .enum(ONE_SIDED_ACTIONS)
      .default("fail")
      .describe(
        "What a run does about an operator whose labels are all the same, which can hardly be chance: `fail`, or train on " +
          "them and only `report` the rates.",
      ),
    labelling: labelling.prefault({}),
    onAlarm: z
      .boolean()
      .default(true)
      .describe("Whether the model's alarms (drift, and those of `alarms`) retrain it."),
    alarms: z
      .array(alarm)
      .refine((alarms) => new Set(alarms.map(({ name }) => name)).size === alarms.length, {
        message: "has two alarms of one name; rename one",
      })
      .default([])
      .describe("Alarms on any metric of CloudWatch, beside the one on drift."),
  }),
  training: section("Where and how the model is trained.", {
    networkIsolation: z
      .boolean()
      .default(true)
      .describe("Whether the containers of training, tuning, labelling and evaluation reach no network."),
    vpc: vpc.optional(),
    spot: z
      .boolean()
      .default(false)
      .describe(
        "Interruptible instances at a lower price; an interrupted training goes on from its checkpoint in our own image, and begins anew in the built-in.",
      ),
    tuning: tuning.optional(),
  }).prefault({}),
});

export const modelSettings = modelShape.refine(
  ({ image, imageTag }) => (image === "ecr") === (imageTag !== undefined),
  {
    path: ["imageTag"],
    message: 'belongs to image "ecr"; give both or neither',
  },
);
