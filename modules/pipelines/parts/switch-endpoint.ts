import { jsonata, partWith } from "../asl";
import { type Failure, failure, step } from "../failures";
import { task } from "../tasks";
import { type Expression, variables } from "../variables";
import {
  describeEndpoint,
  type EndpointProps,
  type EndpointVariables,
  MOVING_TOO_LONG,
  pause,
  STILL_MOVING,
  untilDeadline,
  updateEndpoint,
} from "./endpoint";
import { deregisterScalingPart, type ScalingVariables } from "./scaling";

export type SwitchEndpointVariables = EndpointVariables &
  ScalingVariables & {
    readonly failure: Failure;
    readonly modelSettings: {
      /** Template of an endpoint configuration, without its name and variants. */
      readonly endpointConfiguration: object;
    };
    /** Name of the endpoint configuration that served before. */
    readonly championConfiguration: string;
  };

export interface SwitchEndpointProps extends EndpointProps {
  /** JSONata of the name of the endpoint configuration to make, and of that of the SageMaker model that it runs. */
  readonly configuration: Expression;
  readonly model: Expression;
  /** JSONata of the guardrails of the update, which may be undefined. */
  readonly guardrails: Expression;
}

const part = partWith<SwitchEndpointVariables>();
const { modelSettings, endpoint, championConfiguration } = variables<SwitchEndpointVariables>();

/** Makes the endpoint serve a model by a configuration of its own, and sees that it really runs that configuration. */
export const switchEndpointPart = <Exit extends string>(
  { configuration, model, guardrails, ...props }: SwitchEndpointProps,
  exits: { readonly switched: Exit },
) =>
  part(exits, {
    // Never one that is there already: it would have the settings of another day, or of another way of serving.
    "Create endpoint configuration": step(
      "Create endpoint configuration",
      task("aws-sdk:sagemaker:createEndpointConfig", {
        Arguments: jsonata(`$merge([${modelSettings.endpointConfiguration}, {
          'EndpointConfigName': ${configuration},
          'ProductionVariants': [$merge([${modelSettings.productionVariant}, {'ModelName': ${model}}])]
        }])`),
        Assign: { until: untilDeadline(props) },
        Next: "Look at endpoint",
      }),
    ),
    // An endpoint that scales, or whose last update is not over, refuses another.
    "Look at endpoint": step("Update endpoint", describeEndpoint("Is it free?")),
    "Is it free?": {
      Type: "Choice",
      Choices: [
        {
          Condition: jsonata(`${endpoint.status} = 'InService'`),
          Assign: { championConfiguration: jsonata(endpoint.configuration) },
          Next: "Describe champion",
        },
        { Condition: STILL_MOVING, Next: "Wait for free endpoint" },
      ],
      Default: "Endpoint not free",
    },
    "Wait for free endpoint": pause(props, "Look at endpoint"),
    "Endpoint not free": {
      Type: "Pass",
      ...failure(
        "Update endpoint",
        "EndpointNotInService",
        jsonata(
          `'The endpoint is ' & ${endpoint.status} & ', in which it takes no update: ' & ${endpoint.reason} & '. The candidate is registered; npm run rollback makes it serve'`,
        ),
      ),
    },
    "Describe champion": step(
      "Update endpoint",
      task("aws-sdk:sagemaker:describeEndpointConfig", {
        Arguments: { EndpointConfigName: jsonata(championConfiguration) },
        Assign: {
          championInstances: jsonata(`$exists($states.result.ProductionVariants[0].InstanceType)
            ? $states.result.ProductionVariants[0].InstanceType : 'none'`),
        },
        Next: "Same instance type?",
      }),
    ),
    ...deregisterScalingPart({ ready: "Update endpoint" }),
    "Update endpoint": step(
      "Update endpoint",
      updateEndpoint({ ...props, configuration, guardrails }, "Wait for endpoint"),
    ),
    "Wait for endpoint": pause(props, "Describe endpoint"),
    "Describe endpoint": step("Update endpoint", describeEndpoint("Endpoint switched?")),
    // A rolled-back update is InService too: only the configuration that it runs tells.
    "Endpoint switched?": {
      Type: "Choice",
      Choices: [
        {
          Condition: jsonata(`${endpoint.status} = 'InService' and ${endpoint.configuration} = ${configuration}`),
          Next: exits.switched,
        },
        { Condition: STILL_MOVING, Next: "Wait for endpoint" },
        {
          Condition: MOVING_TOO_LONG,
          ...failure(
            "Update endpoint",
            "EndpointUpdateTimedOut",
            jsonata(
              `'The endpoint is still ' & ${endpoint.status} & ', and SageMaker cannot be asked to stop; the next run records what it then serves'`,
            ),
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
        jsonata(
          `'The endpoint is ' & ${endpoint.status} & ' with ' & ${endpoint.configuration} & ' instead of ' & ${configuration} & ': ' & ${endpoint.reason}`,
        ),
      ),
    },
  });
