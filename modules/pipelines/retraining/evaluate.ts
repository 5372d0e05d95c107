import { invoke, jsonata, type State, step, task } from "../asl";
import type { RetrainingProps } from "./contract";
import { ofRun, processingJob } from "./processing";

/** Scores candidate and champion on the same held-out rows, and judges the candidate by the gate's rules. */
export const evaluateStates = (props: RetrainingProps): Record<string, State> => ({
  Evaluate: step(
    "Evaluate",
    task("sagemaker:createProcessingJob.sync", {
      Arguments: jsonata(
        processingJob(props, {
          suffix: "",
          program: "evaluate.py",
          inputs: {
            test: ofRun("test"),
            validation: ofRun("validation"),
            context: ofRun("context"),
            records: ofRun("records"),
            candidate: "$artefact",
            champion: "$plan.champion.artefact",
          },
          outputs: { output: "evaluation" },
          arguments: `$append($this.evaluationArguments, [
            '--candidate-version', $plan.runId,
            '--champion-version', $plan.champion.modelVersion
          ])`,
        }),
      ),
      Next: "Gate",
    }),
  ),
  Gate: step(
    "Gate",
    invoke(
      props.functions["judge-candidate"],
      { model: "{% $model %}", runId: "{% $plan.runId %}", rules: "{% $this.gate %}" },
      { Assign: { judged: "{% $states.result.Payload %}" }, Next: "Register" },
    ),
  ),
});
