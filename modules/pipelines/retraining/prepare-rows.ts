import type { Input } from "../../../contracts/inputs";
import { jsonata, machineWith } from "../asl";
import { step } from "../failures";
import { invoke } from "../tasks";
import type { RetrainingProps } from "./contract";
import { part, run } from "./variables";

const { model, modelSettings, plan, manifestKey, again } = run;

/** Makes the training rows of one group; a child execution sees no variables of its parent. */
const prepareGroup = machineWith<object>()("Prepare group", {
  "Prepare group": invoke("{% $states.input.function %}", "{% $states.input.payload %}", {
    // Counts lie in the bucket: the outputs of 20,000 groups would be more than a state may hold.
    Output: "{% 1 %}",
    End: true,
  }),
});

/**
 * Makes training rows of every group of the plan's objects, side by side: 10 TB are 20,000 groups. Groups with
 * records which came more than once, are among several of a player, or are of the latest time are prepared again.
 */
export const prepareRowsPart = <Exit extends string>(
  { settings }: RetrainingProps,
  exits: { readonly prepared: Exit },
) =>
  part(exits, {
    "Prepare rows": step("Prepare rows", {
      Type: "Map",
      Label: "PrepareRows",
      ItemReader: {
        Resource: "arn:aws:states:::s3:getObject",
        ReaderConfig: { InputType: "JSON" },
        Arguments: { Bucket: jsonata(modelSettings.bucket), Key: jsonata(manifestKey) },
      },
      ItemSelector: {
        function: jsonata(modelSettings.prepareFunction),
        payload: {
          model: jsonata(model),
          runId: jsonata(plan.runId),
          keys: "{% $states.context.Map.Item.Value.keys %}",
          modified: "{% $states.context.Map.Item.Value.modified %}",
          newSince: jsonata(plan.newSince),
          again: jsonata(again),
        } satisfies Record<keyof Input<"prepare">, string>,
      },
      MaxConcurrency: settings.prepareConcurrency,
      ToleratedFailurePercentage: settings.toleratedFailurePercentage,
      ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, ...prepareGroup },
      Next: exits.prepared,
    }),
  });
