import type { Serving } from "../../config";
import { failure, jsonata, type State, step, THROTTLED, task } from "./asl";
import type { RetrainingProps } from "./contract";
import { describeEndpoint, SEEN, updateEndpoint } from "./endpoint";

/** Of the run's SageMaker model and endpoint configuration. */
export const NAME = "$this.prefix & '-' & $plan.runId";

/** None for a roll-back: the alarms may be on because of the very model that it replaces. */
const GUARDRAILS = "($exists($request.version) ? {}.none : $this.deployment)";

/** Makes the endpoint serve a model, and records it only once the endpoint is seen to run it. */
export const promoteStates = ({ settings }: RetrainingProps): Record<string, State> => ({
  // A version that served before has its configuration still.
  "Look for configuration": {
    ...task("aws-sdk:sagemaker:describeEndpointConfig", {
      Arguments: { EndpointConfigName: `{% ${NAME} %}` },
      Retry: THROTTLED,
      Next: "Note champion",
    }),
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "Create endpoint configuration" }],
  },
  "Create endpoint configuration": step(
    "Create endpoint configuration",
    task("sagemaker:createEndpointConfig", {
      Arguments: jsonata(`$merge([$this.endpointConfiguration, {
        'EndpointConfigName': ${NAME},
        'ProductionVariants': [$merge([$this.productionVariant, {'ModelName': ${NAME}}])]
      }])`),
      Retry: THROTTLED,
      Next: "Note champion",
    }),
  ),
  "Update endpoint": step("Update endpoint", updateEndpoint(NAME, settings, "Wait for endpoint", GUARDRAILS)),
  "Wait for endpoint": { Type: "Wait", Seconds: settings.endpointPollInSeconds, Next: "Describe endpoint" },
  "Describe endpoint": step(
    "Describe endpoint",
    describeEndpoint(
      {
        endpoint: {
          ...SEEN,
          reason:
            "{% $exists($states.result.FailureReason) ? $states.result.FailureReason : 'SageMaker gave no reason' %}",
        },
      },
      "Endpoint switched?",
    ),
  ),
  // A rolled-back update is InService too: only the configuration that it runs tells.
  "Endpoint switched?": {
    Type: "Choice",
    Choices: [
      {
        Condition: `{% $endpoint.status = 'InService' and $endpoint.configuration = ${NAME} %}`,
        Next: "Probe",
      },
      {
        Condition: "{% $not($endpoint.status in ['InService', 'Failed', 'OutOfService']) and $millis() < $deadline %}",
        Next: "Wait for endpoint",
      },
      {
        Condition: "{% $not($endpoint.status in ['InService', 'Failed', 'OutOfService']) %}",
        ...failure(
          "Update endpoint",
          "EndpointUpdateTimedOut",
          `{% 'The endpoint is still ' & $endpoint.status & ' after ${settings.endpointDeadlineInSeconds} s' %}`,
        ),
      },
    ],
    Default: "Update rolled back",
  },
  "Update rolled back": {
    Type: "Pass",
    ...failure(
      "Update endpoint",
      "EndpointUpdateRolledBack",
      `{% 'The endpoint is ' & $endpoint.status & ' with ' & $endpoint.configuration & ' instead of ' & ${NAME} & ': ' & $endpoint.reason %}`,
    ),
  },
  "Write serving record": step(
    "Write serving record",
    task("aws-sdk:ssm:putParameter", {
      Arguments: {
        Name: "{% $this.servingParameter %}",
        Overwrite: true,
        Value: jsonata(`$string({
          'modelVersion': $plan.runId,
          'featureHash': $plan.featureHash,
          'endpointConfigName': ${NAME},
          'modelName': ${NAME},
          'artefact': $artefact,
          'updatedAt': $now()
        })`),
      },
      Retry: THROTTLED,
      Next: "Promoted or rolled back?",
    }),
  ),
  "Promoted or rolled back?": {
    Type: "Choice",
    Choices: [{ Condition: "{% $exists($request.version) %}", Next: "Rolled back" }],
    Default: "Promoted",
  },
});

/** The endpoint's one variant, as the SageMaker API takes it. */
export function apiVariant(name: string, serving: Serving): Readonly<Record<string, unknown>> {
  return serving.mode === "serverless"
    ? {
        VariantName: name,
        ServerlessConfig: { MemorySizeInMB: serving.memorySizeInMb, MaxConcurrency: serving.maxConcurrency },
      }
    : {
        VariantName: name,
        InstanceType: serving.instanceType,
        InitialInstanceCount: serving.minInstances,
        InitialVariantWeight: 1,
      };
}
