import type { RunExpressions } from "../../../contracts/run-result";
import { failure, invoke, jsonata, type State, step } from "../asl";
import { claimStates } from "./claim";
import type { RetrainingProps } from "./contract";
import { evaluateStates } from "./evaluate";
import { labelStates } from "./label";
import { notifyStates } from "./notify";
import { planStates } from "./plan";
import { preprocessStates } from "./preprocess";
import { promoteStates } from "./promote";
import { pruneStates } from "./prune";
import { reconcileStates } from "./reconcile";
import { registerStates } from "./register";
import { restoreStates } from "./restore";
import { rollBackStates } from "./roll-back";
import { scalingStates } from "./scaling";
import { trainStates } from "./train";

/** More than anybody has models. Thousands of items would cost the history its 25,000 events, and every run its end. */
const MOST_REQUESTS = 50;

/**
 * The main state machine in Amazon States Language (JSONata): for each model of the input
 * `{"models": ["<model>" or a request, …]}` plan → preprocess → label → train → evaluate → gate → register → approve →
 * promote → prune, where promotion counts only once the endpoint is seen to run the requested configuration. Fails, after
 * all models had their turn, when any of them failed.
 */
export function retrainingDefinition(props: RetrainingProps): object {
  return {
    Comment: 'Retrains and promotes models. Input: {"models": ["<model>", …]}',
    QueryLanguage: "JSONata",
    StartAt: "Settings",
    States: {
      Settings: {
        Type: "Pass",
        Assign: { settings: props.models },
        Next: "Anything asked for?",
      },
      "Anything asked for?": {
        Type: "Choice",
        Choices: [
          {
            Condition: `{% $type($states.input) = 'object' and $type($states.input.models) = 'array' and $count($states.input.models) in [1..${MOST_REQUESTS}] and $count($keys($states.input)) = 1 %}`,
            Next: "Each model",
          },
        ],
        Default: "Nothing asked for",
      },
      "Nothing asked for": {
        Type: "Fail",
        Error: "UnsoundInput",
        Cause: `The input must be {"models": [<model's name or request>, …]} with 1 to ${MOST_REQUESTS} requests, and nothing else. The catalogue has ${Object.keys(props.models).join(", ")}`,
      },
      "Each model": {
        Type: "Map",
        Items: "{% $states.input.models %}",
        MaxConcurrency: Object.keys(props.models).length,
        ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, StartAt: "Select", States: modelStates(props) },
        Next: "Any failed?",
      },
      "Any failed?": {
        Type: "Choice",
        Choices: [{ Condition: "{% 'Failed' in $states.input.status %}", Next: "Run failed" }],
        Default: "Run succeeded",
      },
      "Run failed": {
        Type: "Fail",
        Error: "RetrainingFailed",
        Cause:
          "{% $substring($join($states.input[status = 'Failed'].(model & ' failed at ' & step & ': ' & error & ': ' & cause), '; '), 0, 32768) %}",
      },
      "Run succeeded": { Type: "Succeed" },
    },
  };
}

/** Ends a model's run with what the execution will say of it. */
const end = (result: RunExpressions, next = "Does it scale?"): State => ({
  Type: "Pass",
  Assign: { result },
  Next: next,
});

const SELECTED = {
  request: "{% $checked.request %}",
  this: "{% $lookup($settings, $checked.request.model) %}",
  labelling: jsonata(
    "$merge([$lookup($settings, $checked.request.model).policy.labelling, $checked.request.labelling])",
  ),
  unscaled: false,
};

/** What a run that reached a verdict says at its end. */
const VERDICT: Omit<RunExpressions, "status"> = {
  model: "{% $model %}",
  modelVersion: "{% $plan.runId %}",
  champion: "{% $plan.champion.modelVersion %}",
  planned: "{% $plan.reason %}",
  maximumCostInUsd: "{% $plan.maximumCostInUsd %}",
  compute: "{% $plan.compute %}",
  rows: "{% $rows %}",
  records: "{% $records %}",
  labels: "{% $labels %}",
  reason: "{% $judged.reason %}",
  metrics: "{% $judged.metrics %}",
  championMetrics: "{% $judged.championMetrics %}",
  report: "{% $judged.report %}",
  modelPackage: "{% $modelPackage %}",
};

function modelStates(props: RetrainingProps): Record<string, State> {
  return {
    // Whatever somebody sent; a run that fails must be able to say of what.
    Select: {
      Type: "Pass",
      Assign: {
        model: jsonata(`$type($states.input) = 'object'
          ? ($exists($states.input.model) ? $string($states.input.model) : 'no model') : $string($states.input)`),
        corrected: "{% '' %}",
      },
      Next: "Check request",
    },
    "Check request": step(
      "Check request",
      invoke(
        props.functions["check-request"],
        {
          request: "{% $states.input %}",
          policies: "{% $merge($each($settings, function($each, $name) { {$name: $each.policy} })) %}",
        },
        { Assign: { checked: "{% $states.result.Payload %}" }, Next: "Sound request?" },
      ),
    ),
    "Sound request?": {
      Type: "Choice",
      Choices: [{ Condition: "{% $exists($checked.request) %}", Assign: SELECTED, Next: "Claim" }],
      Default: "Unsound request",
    },
    "Unsound request": { Type: "Pass", ...failure("Check request", "UnsoundRequest", "{% $checked.problem %}") },
    ...claimStates(props),
    ...reconcileStates(),
    ...planStates(props),
    ...preprocessStates(props),
    ...labelStates(props),
    ...trainStates(props),
    ...evaluateStates(props),
    ...registerStates(props),
    ...rollBackStates(),
    ...promoteStates(props),
    ...scalingStates(),
    ...restoreStates(props),
    ...pruneStates(props),
    ...notifyStates(props),
    Skipped: end({ model: "{% $model %}", status: "Skipped", reason: "{% $plan.reason %}" }),
    Failed: end({
      model: "{% $model %}",
      status: "Failed",
      step: "{% $failure.step %}",
      error: "{% $failure.error %}",
      cause: "{% $failure.cause %}",
    }),
    Rejected: end({ status: "Rejected", ...VERDICT }, "Prune"),
    Promoted: end({ status: "Promoted", ...VERDICT }, "Prune"),
    "Rolled back": end({ model: "{% $model %}", status: "RolledBack", modelVersion: "{% $plan.runId %}" }, "Prune"),
  };
}

export type { RetrainedModel } from "./contract";
export { apiVariant } from "./promote";
