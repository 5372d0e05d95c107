import { BRIEF, jsonata, type State, step, task } from "./asl";

/**
 * The way of a request that names a version: the endpoint is updated to it as to a new model, and its version is found
 * in the environment of its SageMaker model, which every registered version has until it is pruned.
 */
export const rollBackStates = (): Record<string, State> => ({
  "Find version": step(
    "Find version",
    task(
      "aws-sdk:sagemaker:describeModel",
      {
        Arguments: { ModelName: "{% $this.prefix & '-' & $request.version %}" },
        Assign: {
          artefact: "{% $states.result.PrimaryContainer.ModelDataUrl %}",
          plan: {
            runId: "{% $request.version %}",
            featureHash: "{% $states.result.PrimaryContainer.Environment.VWT_FEATURE_HASH %}",
          },
          // In the form of a run's id, but of this run: the version's own endpoint configuration may be there still.
          deployment: jsonata(
            "$fromMillis($millis(), '[Y0001][M01][D01]-[H01][m01][s01]') & '-' & $substring($uuid(), 0, 6)",
          ),
        },
        Next: "Create endpoint configuration",
      },
      BRIEF,
    ),
  ),
});
