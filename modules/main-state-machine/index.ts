import { LABELLING_MODES } from "../../catalogue/labelling";
import { failure, jsonata, type State } from "./asl";
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
        Next: "Each model",
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

/** An end of a model's run: what the execution will say of it. */
const end = (result: Readonly<Record<string, unknown>>, next = "Does it scale?"): State => ({
  Type: "Pass",
  Assign: { result },
  Next: next,
});

const KNOWN = "$exists($lookup($settings, $string($request.model)))";

/** What a request may say, by type: a mistake in one must end that model's run, not the execution. */
const SOUND = `$not($exists($request.labelling)) or ($type($request.labelling) = 'object' and (
  $not($exists($request.labelling.mode)) or $request.labelling.mode in ${JSON.stringify(LABELLING_MODES)}
))`;

const SELECTED = {
  model: "{% $request.model %}",
  this: "{% $lookup($settings, $request.model) %}",
  labelling: "{% $merge([$lookup($settings, $request.model).labelling, $request.labelling]) %}",
  unscaled: false,
};

/** What a run that reached a verdict says at its end. */
const VERDICT = {
  model: "{% $model %}",
  modelVersion: "{% $plan.runId %}",
  champion: "{% $plan.champion.modelVersion %}",
  planned: "{% $plan.reason %}",
  maximumCostInUsd: "{% $plan.maximumCostInUsd %}",
  compute: "{% $plan.compute %}",
  rows: "{% $rows %}",
  labels: "{% $labels %}",
  reason: "{% $judged.reason %}",
  metrics: "{% $judged.metrics %}",
  championMetrics: "{% $judged.championMetrics %}",
  report: "{% $judged.report %}",
  modelPackage: "{% $modelPackage %}",
};

function modelStates(props: RetrainingProps): Record<string, State> {
  return {
    // A request is a model's name, or {"model", "force"?, "approval"?, "labelling"?, "version"?}.
    Select: {
      Type: "Pass",
      Assign: { request: "{% $type($states.input) = 'string' ? {'model': $states.input} : $states.input %}" },
      Next: "Known model?",
    },
    "Known model?": {
      Type: "Choice",
      Choices: [
        {
          Condition: `{% $not(${KNOWN}) %}`,
          Assign: { model: "{% $string($request.model) %}" },
          Next: "Unknown model",
        },
        { Condition: jsonata(SOUND), Assign: SELECTED, Next: "Claim" },
      ],
      Assign: { model: "{% $request.model %}" },
      Default: "Unsound request",
    },
    "Unsound request": {
      Type: "Pass",
      ...failure(
        "Select",
        "UnsoundRequest",
        `labelling must be an object such as {"mode": "people"}; its mode is one of ${LABELLING_MODES.join(", ")}`,
      ),
    },
    "Unknown model": {
      Type: "Pass",
      ...failure(
        "Select",
        "UnknownModel",
        `The catalogue has no such model. It has ${Object.keys(props.models).join(", ")}`,
      ),
    },
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
