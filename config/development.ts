import { defaults, everyModel } from "./defaults";
import type { ConfigInput } from "./schema";

/** Settles a shared AWS account for trying things: nothing runs while nobody calls it. */
export const development: ConfigInput = {
  ...defaults,
  environment: "development",
  storage: {
    noncurrentVersionDays: 7,
    dataRetentionDays: 90,
    destroyable: true,
    kmsDeletionWindowInDays: 7,
    audit: { days: 1 },
  },
  logs: { retentionInDays: 14, level: "DEBUG" },
  observability: { tracing: true },
  api: {
    stage: "v1",
    throttle: { rateLimit: 50, burstLimit: 100 },
    usagePlans: {
      wallet: { rateLimit: 20, burstLimit: 40, quota: { limit: 10_000, period: "DAY" }, clients: ["wallet"] },
    },
    maxRecords: 100,
    maxBodyInBytes: 5_000_000,
    // A serverless endpoint's cold start takes several seconds.
    requestBudgetInMs: 20_000,
    endpointTimeoutInMs: 15_000,
  },
  operators: { "operator-a": { clients: ["wallet"] } },
  drift: { ...defaults.drift, captureShare: 1, enabled: false },
  models: everyModel({
    serving: { mode: "serverless", memorySizeInMb: 2048, maxConcurrency: 5 },
    retraining: { schedule: "rate(7 days)", enabled: false },
  }),
};
