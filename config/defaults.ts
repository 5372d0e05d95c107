import { type ModelName, models } from "../catalogue/models";
import type { ConfigInput } from "./schema";

/** The emulator's account; real environments name theirs in `VWT_ACCOUNT_ID`. */
export const EMULATED_ACCOUNT = "000000000000";

type ModelInput = ConfigInput["models"][string];

/** Gives every model of the catalogue the same settings, so that a new model needs no entry here. */
export const everyModel = (settings: ModelInput): Record<ModelName, ModelInput> =>
  Object.fromEntries(models.map(({ name }) => [name, settings])) as Record<ModelName, ModelInput>;

/** Holds what environments share. Each environment spreads this and overrides what differs. */
export const defaults = {
  project: "vwt",
  accountId: process.env.VWT_ACCOUNT_ID ?? EMULATED_ACCOUNT,
  region: "eu-west-1",
  money: { currency: "EUR" },
  functions: {
    filter: { memoryInMb: 512, timeoutInSeconds: 29 },
    preprocess: { memoryInMb: 1024, timeoutInSeconds: 15 },
    predict: { memoryInMb: 1024, timeoutInSeconds: 20 },
    // A listing of a million objects takes a gigabyte.
    plan: { memoryInMb: 2048, timeoutInSeconds: 300 },
    prepare: { memoryInMb: 1769, timeoutInSeconds: 900 },
    // Who has records twice is found among eight million at a time.
    "count-labels": { memoryInMb: 1769, timeoutInSeconds: 900 },
    "ask-labellers": { memoryInMb: 512, timeoutInSeconds: 300 },
    "collect-labels": { memoryInMb: 512, timeoutInSeconds: 300 },
    "check-request": { memoryInMb: 256, timeoutInSeconds: 30 },
    "judge-candidate": { memoryInMb: 256, timeoutInSeconds: 30 },
    "await-approval": { memoryInMb: 256, timeoutInSeconds: 30 },
    "probe-endpoint": { memoryInMb: 512, timeoutInSeconds: 30 },
    labelling: { memoryInMb: 512, timeoutInSeconds: 15 },
    players: { memoryInMb: 512, timeoutInSeconds: 15 },
    reviews: { memoryInMb: 512, timeoutInSeconds: 15 },
    "prune-versions": { memoryInMb: 512, timeoutInSeconds: 300 },
    drift: { memoryInMb: 1024, timeoutInSeconds: 600 },
    "watch-reviews": { memoryInMb: 256, timeoutInSeconds: 60 },
    "plan-scoring": { memoryInMb: 2048, timeoutInSeconds: 300 },
    "extract-features": { memoryInMb: 1769, timeoutInSeconds: 900 },
    "pick-newest": { memoryInMb: 1769, timeoutInSeconds: 900 },
    "size-transform": { memoryInMb: 512, timeoutInSeconds: 300 },
    // The scores of ten million players, twice, and one part's text.
    "rank-scores": { memoryInMb: 1769, timeoutInSeconds: 900 },
    "publish-scores": { memoryInMb: 1769, timeoutInSeconds: 900 },
    republish: { memoryInMb: 512, timeoutInSeconds: 30 },
    // Tries again what loses its races for a minute at most.
    intervene: { memoryInMb: 512, timeoutInSeconds: 60 },
    "anchor-audit": { memoryInMb: 256, timeoutInSeconds: 60 },
    "publish-decisions": { memoryInMb: 512, timeoutInSeconds: 60 },
    deliver: { memoryInMb: 512, timeoutInSeconds: 60 },
    "write-chain": { memoryInMb: 512, timeoutInSeconds: 60 },
  },
  pipeline: {
    prepareConcurrency: 100,
    toleratedFailurePercentage: 0,
    endpointPollInSeconds: 30,
    endpointDeadlineInSeconds: 1800,
    approvalDeadlineInSeconds: 7 * 24 * 3600,
    evaluationInstanceType: "ml.m5.xlarge",
    toleratedRejectedShare: 0.05,
    minimumRows: 500,
  },
  drift: {
    captureShare: 0.1,
    bufferInMb: 64,
    bufferInSeconds: 300,
    windowHours: 24,
    minimumRows: 1000,
    maximumRows: 200_000,
    schedule: "rate(1 day)",
    enabled: true,
    trafficReferenceHours: 24,
  },
} as const satisfies Partial<ConfigInput>;
