import { failure, type State, step, TRANSIENT, task } from "./asl";
import type { RetrainingProps } from "./contract";

/** Makes training rows of every group of the plan's objects, side by side. */
export const preprocessStates = ({ settings }: RetrainingProps): Record<string, State> => ({
  Preprocess: step("Preprocess", {
    Type: "Map",
    Label: "Preprocess",
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { InputType: "JSON" },
      Arguments: { Bucket: "{% $this.bucket %}", Key: "{% $plan.manifestKey %}" },
    },
    // Child executions see no variables of their parent, so each item carries what it needs.
    ItemSelector: {
      function: "{% $this.prepareFunction %}",
      payload: {
        model: "{% $model %}",
        runId: "{% $plan.runId %}",
        keys: "{% $states.context.Map.Item.Value.keys %}",
      },
    },
    MaxConcurrency: settings.preprocessConcurrency,
    ToleratedFailurePercentage: settings.toleratedFailurePercentage,
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      StartAt: "Prepare group",
      States: {
        "Prepare group": task("lambda:invoke", {
          Arguments: { FunctionName: "{% $states.input.function %}", Payload: "{% $states.input.payload %}" },
          Output: "{% $states.result.Payload %}",
          Retry: TRANSIENT,
          End: true,
        }),
      },
    },
    Assign: {
      rows: {
        train: "{% $sum($states.result.rows.train) %}",
        validation: "{% $sum($states.result.rows.validation) %}",
        test: "{% $sum($states.result.rows.test) %}",
        positives: "{% $sum($states.result.positives) %}",
        unlabelled: "{% $sum($states.result.unlabelled) %}",
        rejected: "{% $sum($states.result.rejected) %}",
        lines: "{% $sum($states.result.lines) %}",
      },
    },
    Next: "Enough rows?",
  }),
  "Enough rows?": {
    Type: "Choice",
    Choices: [
      {
        Condition: `{% $rows.rejected > ${settings.toleratedRejectedShare} * $rows.lines %}`,
        Next: "Too many unusable records",
      },
      {
        Condition: `{% $rows.train + $rows.validation + $rows.test >= ${settings.minimumRows} and $rows.train > 0 and $rows.validation > 0 and $rows.test > 0 %}`,
        Next: "Choose compute",
      },
    ],
    Assign: {
      plan: `{% $merge([$plan, {'reason': 'training wants ${settings.minimumRows} labelled rows in all splits; this run has ' & $string($rows)}]) %}`,
    },
    Default: "Skipped",
  },
  "Too many unusable records": {
    Type: "Pass",
    ...failure(
      "Preprocess",
      "TooManyUnusableRecords",
      `{% $string($rows.rejected) & ' of ' & $string($rows.lines) & ' records cannot be used, more than the tolerated share of ${settings.toleratedRejectedShare}; what is wrong with each is under runs/' & $plan.runId & '/rejected/' %}`,
    ),
  },
});
