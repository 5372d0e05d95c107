import { invoke, type State, step } from "../asl";
import type { RetrainingProps } from "./contract";

/**
 * Makes training rows of every group of the plan's objects, side by side: 10 TB are 20,000 groups; and
 * again of those that have records which came more than once, without these.
 */
export const preprocessStates = ({ settings }: RetrainingProps): Record<string, State> => ({
  Preprocess: step("Preprocess", {
    Type: "Map",
    Label: "Preprocess",
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { InputType: "JSON" },
      Arguments: { Bucket: "{% $this.bucket %}", Key: "{% $manifestKey %}" },
    },
    // Child executions see no variables of their parent, so each item carries what it needs.
    ItemSelector: {
      function: "{% $this.prepareFunction %}",
      payload: {
        model: "{% $model %}",
        runId: "{% $plan.runId %}",
        keys: "{% $states.context.Map.Item.Value.keys %}",
        modified: "{% $states.context.Map.Item.Value.modified %}",
        again: "{% $again %}",
      },
    },
    MaxConcurrency: settings.prepareConcurrency,
    ToleratedFailurePercentage: settings.toleratedFailurePercentage,
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      StartAt: "Prepare group",
      States: {
        "Prepare group": invoke("{% $states.input.function %}", "{% $states.input.payload %}", {
          // Counts lie in the bucket: the outputs of 20,000 groups would be more than a state may hold.
          Output: "{% 1 %}",
          End: true,
        }),
      },
    },
    Next: "Tally",
  }),
});
