import { jsonata, type State, THROTTLED, task } from "./asl";
import { NAME } from "./promote";

/** Pruning is housekeeping: when it fails, the promotion stands and the next one prunes again. */
const ifPossible = (state: State, next: string): State => ({
  ...state,
  Retry: THROTTLED,
  Catch: [{ ErrorEquals: ["States.ALL"], Next: next }],
});

/** Removes models and endpoint configurations beyond those to keep; never what serves, nor the initial ones. */
export const pruneStates = (): Record<string, State> => ({
  "List versions": ifPossible(
    task("aws-sdk:sagemaker:listEndpointConfigs", {
      Arguments: {
        NameContains: "{% $this.prefix %}",
        SortBy: "CreationTime",
        SortOrder: "Descending",
        MaxResults: 100,
      },
      Assign: {
        superseded: jsonata(`[
          $filter($states.result.EndpointConfigs.EndpointConfigName, function($name) {
            $substring($name, 0, $length($this.prefix) + 1) = $this.prefix & '-'
              and $name != $this.prefix & '-initial'
              and $name != ${NAME}
          })[[$this.versionsToKeep - 1..99]]
        ]`),
      },
      Next: "Prune",
    }),
    "Promoted or rolled back?",
  ),
  Prune: ifPossible(
    {
      Type: "Map",
      Items: "{% $superseded %}",
      MaxConcurrency: 1,
      ItemProcessor: {
        ProcessorConfig: { Mode: "INLINE" },
        StartAt: "Delete endpoint configuration",
        States: {
          "Delete endpoint configuration": task("aws-sdk:sagemaker:deleteEndpointConfig", {
            Arguments: { EndpointConfigName: "{% $states.input %}" },
            Output: "{% $states.input %}",
            Next: "Delete model",
          }),
          "Delete model": task("aws-sdk:sagemaker:deleteModel", {
            Arguments: { ModelName: "{% $states.input %}" },
            Output: "{% $states.input %}",
            End: true,
          }),
        },
      },
      Next: "Promoted or rolled back?",
    },
    "Promoted or rolled back?",
  ),
  "Promoted or rolled back?": {
    Type: "Choice",
    Choices: [{ Condition: "{% $exists($request.version) %}", Next: "Rolled back" }],
    Default: "Promoted",
  },
});
