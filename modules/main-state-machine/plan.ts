import { type State, step, TRANSIENT, task } from "./asl";
import type { RetrainingProps } from "./contract";

/** Finds the data to train on, and ends the run when there is none. */
export const planStates = ({ planFunction }: RetrainingProps): Record<string, State> => ({
  Plan: step(
    "Plan",
    task("lambda:invoke", {
      Arguments: {
        FunctionName: planFunction,
        Payload: {
          model: "{% $model %}",
          execution: "{% $states.context.Execution.Name %}",
          startedAt: "{% $states.context.Execution.StartTime %}",
          force: "{% $request.force = true %}",
        },
      },
      Assign: { plan: "{% $states.result.Payload %}" },
      Retry: TRANSIENT,
      Next: "Anything to train on?",
    }),
  ),
  "Anything to train on?": {
    Type: "Choice",
    Choices: [{ Condition: "{% $plan.outcome = 'train' %}", Next: "Preprocess" }],
    Default: "Skipped",
  },
});
