import { defaults, everyModel } from "./defaults";
import type { ConfigInput } from "./schema";

/** Serves real players. Nothing here can be destroyed by accident. */
export const production: ConfigInput = {
  ...defaults,
  environment: "production",
  storage: {
    noncurrentVersionDays: 90,
    dataRetentionDays: 730,
    destroyable: false,
    kmsDeletionWindowInDays: 30,
    audit: { mode: "COMPLIANCE" },
  },
  logs: { retentionInDays: 365, level: "INFO" },
  observability: { tracing: true },
  api: {
    stage: "v1",
    throttle: { rateLimit: 500, burstLimit: 1000 },
    usagePlans: {
      wallet: { rateLimit: 200, burstLimit: 400, quota: { limit: 5_000_000, period: "DAY" }, clients: ["wallet"] },
      operator: { rateLimit: 20, burstLimit: 40, quota: { limit: 100_000, period: "DAY" }, clients: ["operator"] },
    },
    maxRecords: 100,
    maxBodyInBytes: 5_000_000,
    requestBudgetInMs: 8000,
    endpointTimeoutInMs: 3000,
  },
  operators: { "operator-a": { clients: ["wallet", "operator"], policy: "uk" } },
  functions: {
    ...defaults.functions,
    // 500 requests a second may take 0.4 s each before the filter is full, and the runs of all models at once do not take
    // its place, nor predictions that of checks at log-in and of interventions: 710 of the usual quota are reserved. Of the
    // 290 others, 120 prepare rows, 50 score, 10 publish again, 50 are spare, and 60 deliver, which are 12 deliveries.
    filter: { ...defaults.functions.filter, reservedConcurrency: 200 },
    preprocess: { ...defaults.functions.preprocess, reservedConcurrency: 150 },
    predict: { ...defaults.functions.predict, reservedConcurrency: 150 },
    players: { ...defaults.functions.players, reservedConcurrency: 40 },
    intervene: { ...defaults.functions.intervene, reservedConcurrency: 10 },
    "publish-decisions": { ...defaults.functions["publish-decisions"], reservedConcurrency: 10 },
  },
  pipeline: { ...defaults.pipeline, prepareConcurrency: 40 },
  scoring: { concurrency: 25 },
  models: everyModel({
    // Two instances, so that SageMaker places them in two availability zones.
    serving: { mode: "realtime", instanceType: "ml.m5.large", minInstances: 2, maxInstances: 8 },
    retraining: { schedule: "rate(7 days)", enabled: true },
  }),
};
