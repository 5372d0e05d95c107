import type { Serving } from "../../../config";
import { failure, jsonata, type State, step, task } from "../asl";
import type { RetrainingProps } from "./contract";
import {
  CONFIGURATION,
  describeEndpoint,
  MOVING_TOO_LONG,
  pause,
  STILL_MOVING,
  until,
  updateEndpoint,
} from "./endpoint";
import { putServingRecord, servingRecord } from "./reconcile";

/** JSONata expression for the name of the SageMaker model of the version that a run deploys. */
export const MODEL = "$this.prefix & '-' & $plan.runId";

/** None for a roll-back: the alarms may be on because of the very model that it replaces. */
const GUARDRAILS = "($exists($request.version) ? {}.none : $this.deployment)";

/** Makes the endpoint serve a model, and records it only once the endpoint is seen to run it. */
export const promoteStates = ({ settings }: RetrainingProps): Record<string, State> => ({
  // Never one that is there already: it would have the settings of another day, or of another way of serving.
  "Create endpoint configuration": step(
    "Create endpoint configuration",
    task("aws-sdk:sagemaker:createEndpointConfig", {
      Arguments: jsonata(`$merge([$this.endpointConfiguration, {
        'EndpointConfigName': ${CONFIGURATION},
        'ProductionVariants': [$merge([$this.productionVariant, {'ModelName': ${MODEL}}])]
      }])`),
      Assign: { until: until(settings) },
      Next: "Look at endpoint",
    }),
  ),
  // An endpoint that scales, or whose last update is not over, refuses another.
  "Look at endpoint": step("Update endpoint", describeEndpoint("Is it free?")),
  "Is it free?": {
    Type: "Choice",
    Choices: [
      {
        Condition: "{% $endpoint.status = 'InService' %}",
        Assign: { championConfiguration: "{% $endpoint.configuration %}" },
        Next: "Describe champion",
      },
      { Condition: STILL_MOVING, Next: "Wait for free endpoint" },
    ],
    Default: "Endpoint not free",
  },
  "Wait for free endpoint": pause(settings, "Look at endpoint"),
  "Endpoint not free": {
    Type: "Pass",
    ...failure(
      "Update endpoint",
      "EndpointNotInService",
      "{% 'The endpoint is ' & $endpoint.status & ', in which it takes no update: ' & $endpoint.reason & '. The candidate is registered; npm run rollback makes it serve' %}",
    ),
  },
  "Describe champion": step(
    "Update endpoint",
    task("aws-sdk:sagemaker:describeEndpointConfig", {
      Arguments: { EndpointConfigName: "{% $championConfiguration %}" },
      Assign: {
        championInstances: jsonata(`$exists($states.result.ProductionVariants[0].InstanceType)
          ? $states.result.ProductionVariants[0].InstanceType : 'none'`),
      },
      Next: "Same instance type?",
    }),
  ),
  "Update endpoint": step(
    "Update endpoint",
    updateEndpoint(CONFIGURATION, settings, "Wait for endpoint", { guardrails: GUARDRAILS }),
  ),
  "Wait for endpoint": pause(settings, "Describe endpoint"),
  "Describe endpoint": step("Describe endpoint", describeEndpoint("Endpoint switched?")),
  // A rolled-back update is InService too: only the configuration that it runs tells.
  "Endpoint switched?": {
    Type: "Choice",
    Choices: [
      {
        Condition: `{% $endpoint.status = 'InService' and $endpoint.configuration = ${CONFIGURATION} %}`,
        Next: "Probe",
      },
      { Condition: STILL_MOVING, Next: "Wait for endpoint" },
      {
        Condition: MOVING_TOO_LONG,
        ...failure(
          "Update endpoint",
          "EndpointUpdateTimedOut",
          "{% 'The endpoint is still ' & $endpoint.status & ', and SageMaker cannot be asked to stop; the next run records what it then serves' %}",
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
      `{% 'The endpoint is ' & $endpoint.status & ' with ' & $endpoint.configuration & ' instead of ' & ${CONFIGURATION} & ': ' & $endpoint.reason %}`,
    ),
  },
  "Write serving record": step(
    "Write serving record",
    putServingRecord(
      servingRecord({
        modelVersion: "$plan.runId",
        featureHash: "$plan.featureHash",
        endpointConfigName: CONFIGURATION,
        modelName: MODEL,
        artefact: "$artefact",
      }),
      { Next: "Promoted or rolled back?" },
    ),
  ),
  "Promoted or rolled back?": {
    Type: "Choice",
    Choices: [{ Condition: "{% $exists($request.version) %}", Next: "Rolled back" }],
    Default: "Record run",
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
