import { invoke, type State, step } from "../asl";
import type { RetrainingProps } from "./contract";

/** Finds the data to train on, and ends the run when there is none. */
export const planStates = ({ functions }: RetrainingProps): Record<string, State> => ({
  Plan: step(
    "Plan",
    invoke(
      functions.plan,
      {
        model: "{% $model %}",
        execution: "{% $states.context.Execution.Name %}",
        startedAt: "{% $states.context.Execution.StartTime %}",
        force: "{% $request.force = true %}",
        limits: "{% $this.limits %}",
      },
      {
        Assign: { plan: "{% $states.result.Payload %}", deployment: "{% $states.result.Payload.runId %}" },
        Next: "Anything to train on?",
      },
    ),
  ),
  "Anything to train on?": {
    Type: "Choice",
    Choices: [
      {
        Condition: "{% $plan.outcome = 'train' %}",
        Assign: { manifestKey: "{% $plan.manifestKey %}", again: false },
        Next: "Preprocess",
      },
    ],
    Default: "Skipped",
  },
});
