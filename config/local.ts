import { defaults, EMULATED_ACCOUNT, everyModel } from "./defaults";
import type { ConfigInput } from "./schema";

/** Where whoever tries this machine's system may listen for what operator-a gets. */
const RECEIVER = "http://127.0.0.1:4580/webhooks";

/** No wallet tells what the sample players said of marketing. */
const CONSENTING = { consent: "presumed" } as const;

/** One operator has an archive: the emulator gathers no events, and writes an object for each. */
const NO_ARCHIVE = { enabled: false } as const;

/** Fits the emulator on one machine: small, quick to build up and to tear down. */
export const local: ConfigInput = {
  ...defaults,
  environment: "local",
  // Whatever account the shell names is that of a real environment.
  accountId: EMULATED_ACCOUNT,
  storage: {
    // The provider waits 55 s for every lifecycle configuration.
    noncurrentVersionDays: null,
    dataRetentionDays: null,
    destroyable: true,
    kmsDeletionWindowInDays: 7,
    audit: { days: 1 },
  },
  logs: { retentionInDays: 1, level: "INFO" },
  observability: { tracing: false },
  api: {
    stage: "v1",
    throttle: { rateLimit: 1000, burstLimit: 2000 },
    usagePlans: {
      wallet: {
        rateLimit: 500,
        burstLimit: 1000,
        quota: { limit: 1_000_000, period: "DAY" },
        clients: ["sample-wallet"],
      },
      trial: { rateLimit: 50, burstLimit: 50, quota: { limit: 3, period: "DAY" }, clients: ["sample-trial"] },
    },
    maxRecords: 100,
    maxBodyInBytes: 5_000_000,
    // A busy machine takes its time, above all for the first request to a function.
    requestBudgetInMs: 16_000,
    endpointTimeoutInMs: 6000,
    servingRecordFreshInSeconds: 2,
  },
  // The operators of the sample players.
  operators: {
    "operator-a": {
      clients: ["sample-wallet", "sample-trial"],
      policy: "uk",
      marketing: CONSENTING,
      archive: NO_ARCHIVE,
      deliveries: [{ name: "wallet", kind: "webhook", url: process.env.VWT_RECEIVER ?? RECEIVER }],
    },
    "operator-b": {
      clients: ["sample-wallet"],
      policy: "new-jersey",
      marketing: CONSENTING,
      archive: NO_ARCHIVE,
      deliveries: [
        { name: "wallet", kind: "queue", queueArn: `arn:aws:sqs:eu-west-1:${EMULATED_ACCOUNT}:operator-b-wallet.fifo` },
      ],
    },
    "operator-c": {
      clients: ["sample-wallet"],
      marketing: CONSENTING,
      deliveries: [
        {
          // The node is on a port of its own, which `npm start` puts into the secret.
          ...{ name: "chain", kind: "chain", rpcUrl: null, chainId: 31_337, confirmations: 1 },
          // The first contract of anvil's first account.
          contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
        },
      ],
    },
  },
  pipeline: {
    ...defaults.pipeline,
    prepareConcurrency: 2,
    endpointPollInSeconds: 1,
    endpointDeadlineInSeconds: 120,
    approvalDeadlineInSeconds: 600,
  },
  // All traffic, at once: a machine has little of it.
  drift: {
    ...defaults.drift,
    captureShare: 1,
    bufferInMb: 1,
    bufferInSeconds: 60,
    minimumRows: 200,
    trafficReferenceHours: 0,
    enabled: false,
  },
  archives: { bufferInMb: 1, bufferInSeconds: 60 },
  // Nobody waits for a day to see what becomes of a receiver that is down.
  delivery: {
    retryForInSeconds: 10,
    firstRetryInSeconds: 1,
    longestRetryInSeconds: 4,
    circuit: { openInSeconds: 2, longestInSeconds: 4 },
    webhooksTo: "loopback",
  },
  scoring: { concurrency: 2 },
  models: models({
    serving: {
      mode: "realtime",
      instanceType: "ml.m5.large",
      minInstances: 1,
      maxInstances: 2,
      guardrails: { bakeInSeconds: 1 },
    },
    retraining: {
      schedule: "rate(1 day)",
      enabled: false,
      // One machine's owner tries every way.
      requestsMayLoosen: true,
      // The samples hold out some 70 positives, which decide about few candidates.
      undecided: "promote",
      versionsToKeep: 5,
      labelling: { deadlineInSeconds: 600, maximumTasks: 20 },
    },
  }),
};

/** One of the models searches for its hyperparameters, so that this way of training is taken too. */
function models(settings: ConfigInput["models"][string]): ReturnType<typeof everyModel> {
  const tuning = { maximumJobs: 2, parallelJobs: 1, numbers: { eta: { from: 0.05, to: 0.2 } } };
  return { ...everyModel(settings), "gambling-behaviour-marketing": { ...settings, training: { tuning } } };
}
