import { failure, type State } from "./asl";
import type { RetrainingProps } from "./contract";
import { planStates } from "./plan";
import { preprocessStates } from "./preprocess";
import { promoteStates } from "./promote";
import { trainStates } from "./train";

/**
 * The main state machine in Amazon States Language (JSONata): for each model of the input
 * `{"models": ["<model>", …]}` plan → preprocess → train → promote, where promotion counts only once the endpoint is
 * seen to run the requested configuration. Fails, after all models had their turn, when any of them failed.
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
          "{% $join($states.input[status = 'Failed'].(model & ' failed at ' & step & ': ' & error & ': ' & cause), '; ') %}",
      },
      "Run succeeded": { Type: "Succeed" },
    },
  };
}

function modelStates(props: RetrainingProps): Record<string, State> {
  return {
    Select: {
      Type: "Choice",
      Choices: [
        {
          Condition: "{% $exists($lookup($settings, $string($states.input))) %}",
          Assign: { model: "{% $states.input %}", this: "{% $lookup($settings, $states.input) %}" },
          Next: "Plan",
        },
      ],
      Assign: { model: "{% $string($states.input) %}" },
      Default: "Unknown model",
    },
    "Unknown model": {
      Type: "Pass",
      ...failure(
        "Select",
        "UnknownModel",
        `The catalogue has no such model. It has ${Object.keys(props.models).join(", ")}`,
      ),
    },
    ...planStates(props),
    ...preprocessStates(props),
    ...trainStates(props),
    ...promoteStates(props),
    Skipped: {
      Type: "Pass",
      Output: { model: "{% $model %}", status: "Skipped", reason: "{% $plan.reason %}" },
      End: true,
    },
    Failed: {
      Type: "Pass",
      Output: {
        model: "{% $model %}",
        status: "Failed",
        step: "{% $failure.step %}",
        error: "{% $failure.error %}",
        cause: "{% $failure.cause %}",
      },
      End: true,
    },
    Promoted: {
      Type: "Pass",
      Output: {
        model: "{% $model %}",
        status: "Promoted",
        modelVersion: "{% $plan.runId %}",
        compute: "{% $plan.compute %}",
        rows: "{% $rows %}",
      },
      End: true,
    },
  };
}

export type { RetrainedModel } from "./contract";
export { apiVariant } from "./promote";
