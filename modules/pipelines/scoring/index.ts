import { RISK_GROUPS } from "../../../catalogue/risk/risk";
import type { Input } from "../../../contracts/inputs";
import type { ScoringExpressions } from "../../../contracts/scoring-result";
import type { ScoringPlan } from "../../../handlers/scoring/plan-scoring/logic";
import type { SizedScoring } from "../../../handlers/scoring/size-transform/logic";
import { jsonata, machineWith } from "../asl";
import { step } from "../failures";
import { publish } from "../parts/notify";
import { invoke } from "../tasks";
import { type Expression, path } from "../variables";
import type { ScoringProps } from "./contract";
import { everyPart, unlessFailed } from "./parts-of-players";
import { transformPart } from "./transform";
import { run, type ScoringVariables } from "./variables";

const machine = machineWith<ScoringVariables>();
const { settings, dataset, datasetSettings, plan, picked, sized, published, failure: failed, result } = run;

/** JSONata for the fields of a function's input that no part has of its own. */
type OfParts<F extends "pick-newest" | "publish-scores"> = Readonly<
  Record<Exclude<keyof Input<F>, "part">, Expression>
>;

/** Fields of the input of every function that works on a run. */
const RUN = { dataset, runId: plan.runId };

const end = <const To extends string>(expressions: ScoringExpressions, next: To) =>
  ({ Type: "Pass", Assign: { result: expressions }, Next: next }) as const;

/** Calls the function that makes a group's features; a child execution sees no variables of its parent. */
const extractGroup = machineWith<object>()("Extract group", {
  "Extract group": invoke("{% $states.input.function %}", "{% $states.input.payload %}", {
    // Counts lie in the bucket: the outputs of 20,000 groups would be more than a state may hold.
    Output: "{% 1 %}",
    End: true,
  }),
});

/**
 * Defines the state machine that scores the newest record of every player of a dataset, `{"dataset": "<name>"}`: plan →
 * extract features → pick newest → size → transform by each model → rank → publish. A run that is repeated publishes the
 * same events.
 */
export const scoringDefinition = (props: ScoringProps): object => ({
  Comment: 'Scores all players of a dataset. Input: {"dataset": "<dataset>"}',
  QueryLanguage: "JSONata",
  ...machine("Settings", {
    Settings: {
      Type: "Pass",
      Assign: { settings: props.datasets },
      Next: "Sound request?",
    },
    "Sound request?": {
      Type: "Choice",
      Choices: [
        {
          Condition: jsonata(
            `$type($states.input) = 'object' and $count($keys($states.input)) = 1 and ` +
              `$type($states.input.dataset) = 'string' and $exists($lookup(${settings}, $states.input.dataset))`,
          ),
          Assign: {
            dataset: "{% $states.input.dataset %}",
            datasetSettings: jsonata(`$lookup(${settings}, $states.input.dataset)`),
          },
          Next: "Plan",
        },
      ],
      Default: "Unsound request",
    },
    "Unsound request": {
      Type: "Fail",
      Error: "UnsoundInput",
      Cause: `The input must be {"dataset": "<dataset>"}, and nothing else. There are ${Object.keys(props.datasets).join(", ")}`,
    },
    Plan: step(
      "Plan",
      invoke(
        props.functions["plan-scoring"],
        {
          dataset: jsonata(dataset),
          execution: "{% $states.context.Execution.Name %}",
          startedAt: "{% $states.context.Execution.StartTime %}",
        } satisfies Record<keyof Input<"plan-scoring">, string>,
        { Assign: { plan: jsonata(path<ScoringPlan>("$states.result.Payload")) }, Next: "Anything to score?" },
      ),
    ),
    "Anything to score?": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(`${plan.decision} = 'score'`), Next: "Extract features" }],
      Default: "Nothing to score",
    },
    "Nothing to score": end({ dataset: jsonata(dataset), status: "Skipped", reason: jsonata(plan.reason) }, "Notify"),
    "Extract features": step("Extract features", {
      Type: "Map",
      Label: "ExtractFeatures",
      ItemReader: {
        Resource: "arn:aws:states:::s3:getObject",
        ReaderConfig: { InputType: "JSON" },
        Arguments: { Bucket: jsonata(datasetSettings.bucket), Key: jsonata(plan.manifestKey) },
      },
      ItemSelector: {
        function: jsonata(datasetSettings.extractFunction),
        payload: {
          dataset: jsonata(dataset),
          runId: jsonata(plan.runId),
          parts: jsonata(plan.parts),
          keys: "{% $states.context.Map.Item.Value.keys %}",
        } satisfies Record<keyof Input<"extract-features">, string>,
      },
      MaxConcurrency: props.concurrency,
      ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, ...extractGroup },
      Next: "Pick newest",
    }),
    "Pick newest": step("Pick newest", {
      ...everyPart(props, {
        label: "PickNewest",
        function: "pick-newest",
        payload: RUN satisfies OfParts<"pick-newest">,
        output: "{% 1 %}",
      }),
      Assign: { picked: "{% $states.result %}" },
      Next: "All picked?",
    }),
    "All picked?": unlessFailed("Pick newest", picked, "Size transform"),
    "Size transform": step(
      "Size transform",
      invoke(
        props.functions["size-transform"],
        {
          dataset: jsonata(dataset),
          runId: jsonata(plan.runId),
          parts: jsonata(plan.parts),
          date: jsonata(plan.date),
          toleratedRejectedShare: props.toleratedRejectedShare,
        } satisfies Record<keyof Input<"size-transform">, unknown>,
        {
          Assign: { sized: jsonata(path<SizedScoring>("$states.result.Payload")), done: 0 },
          Next: "Anybody to score?",
        },
      ),
    ),
    "Anybody to score?": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(`${sized.players} > 0`), Next: "Another model?" }],
      Default: "Nobody to score",
    },
    "Nobody to score": end(
      {
        dataset: jsonata(dataset),
        status: "Skipped",
        reason: jsonata(`'no player has a record: ' & ${sized.records}`),
      },
      "Notify",
    ),
    ...transformPart(props, { scored: "Rank" }),
    Rank: step(
      "Rank",
      invoke(
        props.functions["rank-scores"],
        {
          dataset: jsonata(dataset),
          runId: jsonata(plan.runId),
          parts: jsonata(plan.parts),
          models: jsonata(`[${plan.models}]`),
        } satisfies Record<keyof Input<"rank-scores">, string>,
        { Next: "Publish" },
      ),
    ),
    Publish: step("Publish", {
      ...everyPart(props, {
        label: "Publish",
        function: "publish-scores",
        payload: {
          ...RUN,
          date: plan.date,
          startedAt: "$states.context.Execution.StartTime",
          models: `[${plan.models}]`,
        } satisfies OfParts<"publish-scores">,
        output: "{% $states.result.Payload %}",
      }),
      Assign: { published: "{% $states.result %}" },
      Next: "All published?",
    }),
    "All published?": unlessFailed("Publish", published, "Scored"),
    Scored: end(
      {
        dataset: jsonata(dataset),
        status: "Scored",
        runId: jsonata(plan.runId),
        date: jsonata(plan.date),
        players: jsonata(`$sum(${published}.players)`),
        records: jsonata(sized.records),
        risk: Object.fromEntries(
          [...RISK_GROUPS, "unknown" as const].map((group) => [group, jsonata(`$sum(${published}.risk.${group})`)]),
        ),
        leftOut: jsonata(plan.leftOut),
      },
      "Notify",
    ),
    Failed: end(
      {
        dataset: jsonata(dataset),
        status: "ScoringFailed",
        step: jsonata(failed.step),
        error: jsonata(failed.error),
        cause: jsonata(failed.cause),
      },
      "Notify",
    ),
    Notify: publish(props, result.status, result, "Well?", { field: "dataset", value: dataset }),
    "Well?": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(`${result.status} = 'ScoringFailed'`), Next: "Scoring failed" }],
      Default: "Done",
    },
    "Scoring failed": {
      Type: "Fail",
      Error: "ScoringFailed",
      Cause: jsonata(
        `${result.dataset} & ' failed at ' & ${result.step} & ': ' & ${result.error} & ': ' & ${result.cause}`,
      ),
    },
    Done: { Type: "Pass", Output: jsonata(result), End: true },
  }),
});

export type { ScoredDataset } from "./contract";
