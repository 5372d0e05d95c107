import { LABELLING_MODES, LABELLING_PROVIDERS } from "../catalogue/labelling/modes";
import { ONE_SIDED_ACTIONS } from "../catalogue/labelling/one-sided";
import { UNDECIDED_ACTIONS } from "../catalogue/training/gate";
import type { FunctionName } from "./functions";
import {
  anything,
  arrayOf,
  boolean,
  integer,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Parsed,
  type Parser,
  parse,
  recordOf,
  someOf,
  text,
} from "./parse";
import { bySplit, RUN_FILES, type RunRows } from "./run-layout";
import { scoringModel } from "./scoring-layout";

/** Inputs of the functions that the main state machine, EventBridge and people invoke: docs/contracts.md lists them. */

const labellingSettings = object({
  provider: oneOf(...LABELLING_PROVIDERS),
  minimumForAutomatic: integer(1),
  maximumTasks: integer(1),
  votesToAgree: integer(1),
  mostVotes: integer(1),
  deadlineInSeconds: integer(1),
  groundTruth: optional(object({ workteamArn: text, preHumanTaskLambdaArn: text, consolidationLambdaArn: text })),
});

const gateRule = object({
  metric: text,
  better: oneOf("higher", "lower"),
  bound: optional(number()),
  beatBaselineBy: optional(number()),
  mayLoseToChampion: optional(number()),
  relative: optional(boolean),
});

const count = integer(0);

/** The run's rows so far; functions that label some answer with what they are then. */
const runRows: Parser<RunRows> = object({
  ...bySplit(() => count),
  positives: object(bySplit(() => count)),
  newlyLabelled: count,
  outOfTime: count,
  unlabelled: count,
  unused: count,
  duplicates: count,
  rejected: count,
  lines: count,
  bytes: count,
  rejectedBytes: count,
});

/** A run of a model, which is what most functions work on. */
const run = { model: text, runId: text };

/** A run that scores the players of a dataset. */
const scoring = { dataset: text, runId: text };

/** A batch of messages, as Lambda takes them from a queue. */
const messages = object({ Records: arrayOf(object({ messageId: text, body: text })) });

const key = object({ S: text });

/** A batch of changes of the table of players, as Lambda takes them from its stream. */
const playerChanges = object({
  Records: arrayOf(
    object({ eventName: text, dynamodb: object({ SequenceNumber: text, Keys: object({ player: key, item: key }) }) }),
  ),
});

/** Messages of one queue, as Lambda reads them from it. */
const receivedMessages = object({
  Records: someOf(
    object({
      messageId: text,
      receiptHandle: text,
      body: text,
      eventSourceARN: text,
      attributes: object({ ApproximateReceiveCount: text, SentTimestamp: text }),
    }),
  ),
});

export const INPUTS = {
  "check-request": object({
    /** One item of the execution's input: whatever somebody sent. */
    request: anything,
    /** What the state machine was deployed with, by model. */
    policies: recordOf(
      object({ approval: oneOf("automatic", "manual"), labelling: labellingSettings, requestsMayLoosen: boolean }),
    ),
  }),
  plan: object({
    model: text,
    /** Name of the state machine's execution. */
    execution: text,
    /** RFC 3339. */
    startedAt: text,
    /** Train although no record is new. */
    force: optional(boolean),
    /** A run whose training jobs together could cost more is refused. */
    limits: object({ maximumCostInUsd: number(0), trainingJobs: integer(1) }),
  }),
  prepare: object({
    ...run,
    keys: someOf(text),
    /** When each of the objects was written, in seconds since 1970. */
    modified: arrayOf(number()),
    /** When the last run with a verdict began, in seconds since 1970; 0 before the first. */
    newSince: count,
    /** The group has been prepared, and is prepared again by what `count-labels` found of its records. */
    again: boolean,
  }),
  "count-labels": object({
    ...run,
    labelling: labellingSettings,
    /** What the request asks for instead of what the table would choose; `null` when it asks for nothing. */
    requested: nullable(oneOf(...LABELLING_MODES)),
    /** Groups have been prepared again already. */
    again: boolean,
    /** Share of the records, and of their bytes, that may be unusable. */
    toleratedRejectedShare: number(0, 1),
    /** What to do about an operator whose labels are all the same, which can hardly be chance. */
    oneSided: oneOf(...ONE_SIDED_ACTIONS),
  }),
  "ask-labellers": object({
    ...run,
    /** The rows that people are asked about: all that have no label, or those that a labelling model is unsure of. */
    from: oneOf("unlabelled", RUN_FILES.uncertain),
    /** Who is asked: the people of the label table, or, by files for its labelling job, SageMaker Ground Truth. */
    to: optional(oneOf("ground-truth")),
    labelling: labellingSettings,
    /** The run waits for the answers with this task token; without it, a later run uses them. */
    token: optional(text),
    /** The run's rows before those that the labelling model labelled. */
    rows: optional(runRows),
  }),
  "collect-labels": object({
    ...run,
    from: oneOf("people", "ground-truth"),
    /** Name of the labelling job, where Ground Truth labelled. */
    job: text,
    rows: runRows,
  }),
  "judge-candidate": object({ ...run, rules: arrayOf(gateRule), undecided: oneOf(...UNDECIDED_ACTIONS) }),
  "probe-endpoint": object({ model: text }),
  "prune-versions": object({
    model: text,
    /** Name of the model package group. */
    versions: text,
    /** Start of the names of the model's SageMaker models and endpoint configurations. */
    prefix: text,
    /** Name of the endpoint configuration that serves now; a run makes its own, and none is used again. */
    configuration: text,
    /** The version that serves now. */
    serving: text,
    keep: integer(1),
  }),
  drift: object({
    model: text,
    /** Hours of traffic to look back at, instead of those of the configuration. */
    hours: optional(number()),
  }),
  "plan-scoring": object({
    dataset: text,
    /** Name of the state machine's execution. */
    execution: text,
    /** RFC 3339. */
    startedAt: text,
  }),
  "extract-features": object({ ...scoring, parts: integer(1), keys: someOf(text) }),
  "pick-newest": object({ ...scoring, part: count }),
  "size-transform": object({
    ...scoring,
    parts: integer(1),
    /** The day whose files are made, `yyyy-mm-dd`. */
    date: text,
    /** Share of the records, and of their bytes, that may be unusable. */
    toleratedRejectedShare: number(0, 1),
  }),
  "rank-scores": object({ ...scoring, parts: integer(1), models: arrayOf(scoringModel) }),
  "publish-scores": object({
    ...scoring,
    part: count,
    date: text,
    /** When the run began, RFC 3339: events of a part that is published again are the same. */
    startedAt: text,
    models: arrayOf(scoringModel),
  }),
  republish: messages,
  intervene: messages,
  "publish-decisions": playerChanges,
  deliver: receivedMessages,
  "write-chain": receivedMessages,
} as const satisfies Partial<Record<FunctionName, unknown>>;

type FunctionWithInput = keyof typeof INPUTS;

export type Input<F extends FunctionWithInput> = Parsed<(typeof INPUTS)[F]>;

const PARSERS: { readonly [F in FunctionWithInput]: Parser<Input<F>> } = INPUTS;

/** Parses the input of a function. Throws a `TypeError` that names the field and what was expected there. */
export const parseInput = <F extends FunctionWithInput>(of: F, input: unknown): Input<F> =>
  parse(PARSERS[of], input, "input");
