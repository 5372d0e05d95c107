import { z } from "zod";
import { models } from "../../catalogue/models";
import type { FunctionName } from "../../contracts/functions";
import { EVENTS } from "../../contracts/notifications";
import { LONGEST_APPROVAL } from "../../contracts/retrain-request";
import { instanceType, modelSettings, scheduleExpression, type serving } from "./models";
import { money } from "./money";
import { tags } from "./tags";
import { usagePlans, withinThrottle } from "./usage-plans";
import { eventsOfExecution, MOST_EVENTS } from "./watching";

const days = z.int().min(1).max(3650);

const lambda = z.strictObject({
  memoryInMb: z.int().min(128).max(10240),
  timeoutInSeconds: z.int().min(1).max(900),
});

/** A function that a request waits for. */
const requestLambda = lambda.extend({
  /** As many may always run at once, and no more of them; `null` leaves the function what others leave over. */
  reservedConcurrency: z.int().min(1).nullable().default(null),
});

/** Lambda keeps as many for the functions that reserve none. */
const UNRESERVED_CONCURRENCY = 100;

/** How many functions may run at once are reserved in all; preprocessing has one function a dataset. */
const reserved = ({
  filter,
  preprocess,
  predict,
}: Record<"filter" | "preprocess" | "predict", z.infer<typeof requestLambda>>) =>
  (filter.reservedConcurrency ?? 0) +
  (preprocess.reservedConcurrency ?? 0) * new Set(models.map(({ dataset }) => dataset)).size +
  (predict.reservedConcurrency ?? 0);

export const configSchema = z
  .strictObject({
    project: z.string().regex(/^[a-z][a-z0-9]{1,9}$/, "must be 2 to 10 lower-case letters and digits"),
    environment: z.string().regex(/^[a-z][a-z0-9]{1,14}$/, "must be 2 to 15 lower-case letters and digits"),
    /** Terraform refuses to touch any other account. */
    accountId: z.string().regex(/^\d{12}$/, "must be the 12 digits of an AWS account"),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be an AWS region such as "eu-west-1"'),
    tags,
    storage: z.strictObject({
      /** Days after which superseded object versions go; `null` keeps them for ever (no lifecycle rules). */
      noncurrentVersionDays: days.nullable(),
      /** Days after which player data goes: the data buckets' and each run's rows of players; `null` keeps it for ever. */
      dataRetentionDays: days.nullable(),
      /** Lets `terraform destroy` remove buckets and repositories that still hold something. */
      destroyable: z.boolean(),
      kmsDeletionWindowInDays: z.int().min(7).max(30),
    }),
    logs: z.strictObject({
      retentionInDays: z.union(
        [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653].map(
          (value) => z.literal(value),
        ),
        "must be a retention that CloudWatch Logs knows, such as 14, 30, 90, 365",
      ),
      level: z.enum(["DEBUG", "INFO", "WARN", "ERROR"]),
    }),
    /** What amounts are in. */
    money,
    api: z
      .strictObject({
        stage: z.string().regex(/^[a-z0-9]{1,20}$/, "must be 1 to 20 lower-case letters and digits"),
        tracing: z.boolean(),
        throttle: z.strictObject({ rateLimit: z.number().positive(), burstLimit: z.int().min(1) }),
        usagePlans,
        maxRecords: z.int().min(1).max(1000),
        maxBodyInBytes: z
          .int()
          .min(1024)
          .max(5_500_000, "must leave room under Lambda's 6 MB payload limit: at most 5500000"),
        /** Time to answer a request; API Gateway itself cuts at 29 s. */
        requestBudgetInMs: z.int().min(500).max(25_000),
        endpointTimeoutInMs: z.int().min(100).max(20_000),
        /**
         * Seconds for which each predict container takes a serving record for fresh, so about how late a promotion shows.
         * SSM answers 40 reads a second of an account and region by default, and a container reads one a model.
         */
        servingRecordFreshInSeconds: z.int().min(1).max(300).default(60),
        /** How long a player who was found at risk gets no marketing, whatever later records say. */
        rememberRiskForDays: z.int().min(1).max(3650).default(30),
      })
      .superRefine(withinThrottle),
    functions: z.strictObject({
      filter: requestLambda,
      preprocess: requestLambda,
      predict: requestLambda,
      plan: lambda,
      prepare: lambda,
      "count-labels": lambda,
      "ask-labellers": lambda,
      "collect-labels": lambda,
      "check-request": lambda,
      "judge-candidate": lambda,
      "await-approval": lambda,
      "probe-endpoint": lambda,
      labelling: lambda,
      "prune-versions": lambda,
      drift: lambda,
    } satisfies Record<FunctionName, z.ZodType>),
    /** Quotas of the account that the rest is held against. */
    quotas: z
      .strictObject({
        /** Functions of the region that may run at once: 1,000, in a new account fewer until you ask for more. */
        concurrentFunctions: z.int().min(1).default(1000),
      })
      .prefault({}),
    retraining: z.strictObject({
      /** Groups of objects of one run that are preprocessed side by side, by a function each. */
      preprocessConcurrency: z.int().min(1).max(1000),
      /** Share of a run's objects that may fail before the run does. */
      toleratedFailurePercentage: z.int().min(0).max(100),
      /**
       * Seconds between two looks at an updating endpoint, and how long its update may take: SageMaker rolls a guarded
       * one back then. A run looks on, more rarely, for four times as long, because nothing can stop an update.
       */
      endpointPollInSeconds: z.int().min(1).max(300),
      endpointDeadlineInSeconds: z.int().min(10).max(7200),
      /** How long a candidate waits for a person's approval. */
      approvalDeadlineInSeconds: z.int().min(1).max(LONGEST_APPROVAL),
      /** Instance type of evaluations. */
      evaluationInstanceType: instanceType,
      /** Share of a run's records, and of their bytes, that may be unusable before the run fails. */
      toleratedRejectedShare: z.number().min(0).max(1),
      /** A run with fewer labelled rows, over all splits, ends as skipped. */
      minimumRows: z.int().min(10),
    }),
    /** How far the traffic is from what a model was trained on: docs/operations.md, "Drift". */
    drift: z
      .strictObject({
        /** Share of the requests whose features and scores are captured; 0 captures none and needs no streams. */
        captureShare: z.number().min(0).max(1),
        /** A captured row is in its bucket once one of these is reached. */
        bufferInMb: z.int().min(1).max(128),
        bufferInSeconds: z.int().min(0).max(900),
        /** Hours of traffic that one measurement looks back at. */
        windowHours: z.int().min(1).max(720),
        /** A measurement with fewer rows is skipped: it would show chance, not drift. */
        minimumRows: z.int().min(100),
        /** More rows are sampled. */
        maximumRows: z.int().min(100),
        schedule: scheduleExpression,
        enabled: z.boolean(),
        /** PSI above which a feature has drifted and its model's alarm goes off; `catalogue/drift/drift.ts` explains PSI. */
        alarmThreshold: z.number().positive(),
      })
      .refine(({ captureShare, enabled }) => captureShare > 0 || !enabled, {
        path: ["enabled"],
        message: "needs captured traffic; raise captureShare or set this to false",
      })
      .refine(({ minimumRows, maximumRows }) => minimumRows <= maximumRows, {
        path: ["minimumRows"],
        message: "must be at most maximumRows, otherwise every measurement is skipped; lower it",
      }),
    /** The people who label. */
    labellers: z
      .strictObject({
        /** Whether they sign in with a software token too: never, if they set one up, or always. */
        mfa: z.enum(["OFF", "OPTIONAL", "ON"]).default("OPTIONAL"),
      })
      .prefault({}),
    /** Who gets mail about runs, and about what; each address is asked to confirm. Other systems subscribe to the topic. */
    notifications: z
      .strictObject({
        emails: z.array(z.email()).default([]),
        events: z
          .array(z.enum(EVENTS))
          .min(1)
          .default(EVENTS.filter((event) => event !== "Skipped")),
      })
      .prefault({}),
    /** One entry per model of the catalogue, by its name. */
    models: z.record(z.string(), modelSettings),
  })
  .refine(({ api }) => api.endpointTimeoutInMs < api.requestBudgetInMs, {
    path: ["api", "endpointTimeoutInMs"],
    message: "must be below requestBudgetInMs, so that a slow endpoint still leaves time to answer; lower it",
  })
  .refine(({ api, functions }) => functions.filter.timeoutInSeconds * 1000 > api.requestBudgetInMs, {
    path: ["functions", "filter", "timeoutInSeconds"],
    message: "must be above api.requestBudgetInMs, so that the function can answer when the budget is spent; raise it",
  })
  .refine(({ storage }) => storage.dataRetentionDays === null || storage.noncurrentVersionDays !== null, {
    path: ["storage", "noncurrentVersionDays"],
    message: "must be set where dataRetentionDays is, because what expires lives on as a superseded version",
  })
  .refine(
    ({ storage, models }) =>
      storage.dataRetentionDays === null ||
      Object.values(models).every(
        // The other half is for the training that comes after it.
        ({ retraining }) => 2 * retraining.labelling.deadlineInSeconds <= (storage.dataRetentionDays ?? 0) * 86_400,
      ),
    {
      path: ["storage", "dataRetentionDays"],
      message:
        "must be at least twice every model's retraining.labelling.deadlineInSeconds, because a run's rows must " +
        "outlast it; raise it",
    },
  )
  .refine(
    ({ storage, api }) => storage.dataRetentionDays === null || api.rememberRiskForDays <= storage.dataRetentionDays,
    {
      path: ["api", "rememberRiskForDays"],
      message: "is longer than storage.dataRetentionDays keeps anything of a player; lower it",
    },
  )
  .refine(
    ({ storage, drift }) => storage.dataRetentionDays === null || drift.windowHours <= storage.dataRetentionDays * 24,
    {
      path: ["drift", "windowHours"],
      message: "reaches back further than storage.dataRetentionDays keeps captured traffic; lower it",
    },
  )
  .refine(
    ({ models, retraining }) =>
      Object.values(models).every(
        // The canary, the whole fleet, and the old fleet before its end are watched one after the other.
        ({ serving }) =>
          serving.mode !== "realtime" || 3 * serving.guardrails.bakeInSeconds < retraining.endpointDeadlineInSeconds,
      ),
    {
      path: ["retraining", "endpointDeadlineInSeconds"],
      message: "must be above three times every model's serving.guardrails.bakeInSeconds; raise it",
    },
  )
  .refine(
    ({ models, retraining }) =>
      eventsOfExecution(
        Object.keys(models).length,
        retraining.endpointDeadlineInSeconds,
        retraining.endpointPollInSeconds,
      ) < MOST_EVENTS,
    {
      path: ["retraining", "endpointPollInSeconds"],
      message:
        `would cost more than the ${MOST_EVENTS} events that an execution's history holds, were all models retrained ` +
        "in one; raise it or lower endpointDeadlineInSeconds",
    },
  )
  .refine(
    ({ functions, quotas }) => {
      const sum = reserved(functions);
      return sum === 0 || sum + UNRESERVED_CONCURRENCY <= quotas.concurrentFunctions;
    },
    {
      path: ["quotas", "concurrentFunctions"],
      message:
        `must be at least ${UNRESERVED_CONCURRENCY} (which Lambda keeps for all others) above the sum of every ` +
        "functions.….reservedConcurrency; ask AWS for more, lower these, or set them to null",
    },
  )
  .refine(
    ({ functions, quotas, retraining, models }) =>
      retraining.preprocessConcurrency * Object.keys(models).length <= quotas.concurrentFunctions - reserved(functions),
    {
      path: ["retraining", "preprocessConcurrency"],
      message:
        "times the number of models is more functions than quotas.concurrentFunctions leaves beside those reserved, so " +
        "runs of all models at once would fail; lower it",
    },
  )
  .refine(
    ({ models }) =>
      Object.values(models).every(({ image, training }) => image === "ecr" || !training.spot || !training.tuning),
    {
      path: ["models"],
      message:
        "has a model with spot and tuning on the built-in image, whose trainings would share one checkpoint; " +
        'remove one of them or set image to "ecr"',
    },
  );

export type Config = z.infer<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
export type ModelSettings = Config["models"][string];
export type Serving = z.infer<typeof serving>;
export type FunctionSettings = z.infer<typeof lambda> & { readonly reservedConcurrency?: number | null };
