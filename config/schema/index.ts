import { z } from "zod";
import { datasets } from "../../catalogue/datasets";
import { SECONDS_PER_DAY } from "../../catalogue/datasets/kit/time";
import { PRICES } from "../../catalogue/training/prices";
import { LOG_LEVELS, VARIABLES } from "../../contracts/environment";
import { EVENTS, USUAL } from "../../contracts/notifications";
import { api } from "./api";
import { archives } from "./archives";
import { auditLock } from "./audit";
import { runnable } from "./concurrency";
import { deliverable, delivery } from "./delivery";
import { drift } from "./drift";
import { events } from "./events";
import { functions, quotas } from "./functions";
import { modelSettings, type serving } from "./models";
import { money } from "./money";
import { wholeNumber } from "./numbers";
import { fitting, operators } from "./operators";
import { pipeline } from "./pipeline";
import { keepable } from "./queues";
import { scoring } from "./scoring";
import { section } from "./section";
import { tags } from "./tags";
import { eventsOfExecution, MOST_EVENTS } from "./watching";

const days = wholeNumber(VARIABLES.LABEL_RETENTION_DAYS);

export const configSchema = z
  .strictObject({
    project: z
      .string()
      .regex(/^[a-z][a-z0-9]{1,9}$/, "must be 2 to 10 lower-case letters and digits")
      .describe("First part of every resource's name."),
    environment: z
      .string()
      .regex(/^[a-z][a-z0-9]{1,14}$/, "must be 2 to 15 lower-case letters and digits")
      .describe("Second part of every resource's name; the configuration's file is called after it."),
    accountId: z
      .string()
      .regex(/^\d{12}$/, "must be the 12 digits of an AWS account")
      .describe("The AWS account; Terraform refuses to touch any other."),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: 'must be an AWS region such as "eu-west-1"', abort: true })
      .refine((region) => Object.hasOwn(PRICES, region), {
        message:
          "has no prices in catalogue/training/prices.ts, in which the cap on a training's cost counts; add them",
      })
      .describe("The AWS region. It has prices in `catalogue/training/prices.ts`, in which the cap on costs counts."),
    tags,
    storage: section("How long data are kept, and what may be destroyed.", {
      noncurrentVersionDays: days
        .nullable()
        .describe("Days after which superseded object versions go; `null` keeps them for ever (no lifecycle rules)."),
      dataRetentionDays: days
        .nullable()
        .describe(
          "Days after which players' data go: the data buckets' and each run's rows; `null` keeps them for ever.",
        ),
      destroyable: z
        .boolean()
        .describe("Lets `terraform destroy` remove buckets, repositories and tables that still hold something."),
      kmsDeletionWindowInDays: z
        .int()
        .min(7)
        .max(30)
        .describe("Days between the removal of the key and its end, in which it can be brought back."),
      audit: auditLock.prefault({}),
    }),
    logs: section("Logs of functions, state machines, endpoints and the API.", {
      retentionInDays: z
        .union(
          [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653].map(
            (value) => z.literal(value),
          ),
          "must be a retention that CloudWatch Logs knows, such as 14, 30, 90, 365",
        )
        .describe("Days for which CloudWatch keeps logs."),
      level: z.enum(LOG_LEVELS).describe("The least level that functions log."),
    }),
    money,
    api,
    operators,
    functions,
    quotas: quotas.prefault({}),
    observability: section("What is sent to AWS's services of observation, beside logs and metrics.", {
      tracing: z.boolean().describe("Whether functions, state machines and the API send traces to X-Ray."),
    }),
    pipeline,
    drift,
    events: events.prefault({}),
    delivery: delivery.prefault({}),
    archives: archives.prefault({}),
    scoring: scoring.prefault({}),
    labellers: section("The people who label and who review.", {
      mfa: z
        .enum(["OFF", "OPTIONAL", "ON"])
        .default("OPTIONAL")
        .describe("Whether they sign in with a software token too: never, if they set one up, or always."),
    }).prefault({}),
    notifications: section("Who gets mail about runs, and about what. Other systems subscribe to the topic.", {
      emails: z.array(z.email()).default([]).describe("Addresses; each is asked to confirm."),
      events: z
        .array(z.enum(EVENTS))
        .min(1)
        .default(EVENTS.filter((event) => !USUAL.includes(event)))
        .describe("The events that these addresses get mail about."),
    }).prefault({}),
    models: z.record(z.string(), modelSettings).describe("Settings of each model of the catalogue, by its name."),
  })
  .superRefine(deliverable)
  .superRefine(keepable)
  .refine(({ api }) => api.endpointTimeoutInMs < api.requestBudgetInMs, {
    path: ["api", "endpointTimeoutInMs"],
    message: "must be below requestBudgetInMs, so that a slow endpoint still leaves time to answer; lower it",
  })
  .refine(({ api, functions }) => functions.filter.timeoutInSeconds * 1000 > api.requestBudgetInMs, {
    path: ["functions", "filter", "timeoutInSeconds"],
    message: "must be above api.requestBudgetInMs, so that the function can answer when the budget is spent; raise it",
  })
  .refine(({ storage }) => storage.audit.mode === "GOVERNANCE" || !storage.destroyable, {
    path: ["storage", "audit", "mode"],
    message: "must be GOVERNANCE where storage.destroyable is true, because nobody can destroy what COMPLIANCE locks",
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
        ({ retraining }) =>
          2 * retraining.labelling.deadlineInSeconds <= (storage.dataRetentionDays ?? 0) * SECONDS_PER_DAY,
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
    ({ storage, events }) => storage.dataRetentionDays === null || events.archiveDays <= storage.dataRetentionDays,
    {
      path: ["events", "archiveDays"],
      message: "is longer than storage.dataRetentionDays keeps anything of a player; lower it",
    },
  )
  .refine(
    ({ models, pipeline }) =>
      Object.values(models).every(
        // The canary, the whole fleet, and the old fleet before its end are watched one after the other.
        ({ serving }) =>
          serving.mode !== "realtime" || 3 * serving.guardrails.bakeInSeconds < pipeline.endpointDeadlineInSeconds,
      ),
    {
      path: ["pipeline", "endpointDeadlineInSeconds"],
      message: "must be above three times every model's serving.guardrails.bakeInSeconds; raise it",
    },
  )
  .refine(
    ({ models, pipeline }) =>
      eventsOfExecution(
        Object.keys(models).length,
        pipeline.endpointDeadlineInSeconds,
        pipeline.endpointPollInSeconds,
      ) < MOST_EVENTS,
    {
      path: ["pipeline", "endpointPollInSeconds"],
      message:
        `would cost more than the ${MOST_EVENTS} events that an execution's history holds, were all models retrained ` +
        "in one; raise it or lower endpointDeadlineInSeconds",
    },
  )
  .superRefine(runnable)
  .superRefine(({ scoring }, context) => {
    for (const name of Object.keys(scoring.datasets).filter((each) => !datasets.some((known) => known.name === each))) {
      context.addIssue({
        code: "custom",
        path: ["scoring", "datasets", name],
        message: `is no dataset; there are ${datasets.map((known) => known.name).join(", ")}`,
      });
    }
  })
  .refine(
    ({ models }) =>
      Object.values(models).every(({ image, training }) => image === "ecr" || !training.spot || !training.tuning),
    {
      path: ["models"],
      message:
        "has a model with spot and tuning on the built-in image, whose trainings would share one checkpoint; " +
        'remove one of them or set image to "ecr"',
    },
  )
  .superRefine(fitting);

export type Config = z.infer<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
export type ModelSettings = Config["models"][string];
export type Serving = z.infer<typeof serving>;
export type { FunctionSettings } from "./functions";
