import { WATCHING } from "../../../config/schema/watching";
import { jsonata, type Task, type Wait } from "../asl";
import type { Patience } from "../retries";
import { task } from "../tasks";
import { type Expression, variables } from "../variables";

export interface EndpointVariables {
  readonly modelSettings: {
    /** Name of the model's endpoint. */
    readonly endpoint: string;
    /** Whether an update keeps the number of instances, which serverless endpoints do not have. */
    readonly retainCapacity: boolean;
  };
  /** The endpoint, as it was last seen. */
  readonly endpoint: {
    /** `EndpointStatus` of the SageMaker API. */
    readonly status: string;
    /** Name of the endpoint configuration that it runs. */
    readonly configuration: string;
    /** Why SageMaker failed to update it. */
    readonly reason: string;
  };
  /** Until when an endpoint that is moving is looked at: often, and at all. In milliseconds since 1970. */
  readonly until: { readonly look: number; readonly giveUp: number };
}

export interface EndpointProps {
  readonly endpointDeadlineInSeconds: number;
  readonly endpointPollInSeconds: number;
}

const { modelSettings, endpoint, until } = variables<EndpointVariables>();

/** JSONata condition: the endpoint takes no update, and becomes something else by itself. */
const MOVING = `${endpoint.status} in ['Creating', 'Updating', 'SystemUpdating', 'RollingBack']`;

/** Builds the value of `$until` for an endpoint that begins to move now. */
export const untilDeadline = ({ endpointDeadlineInSeconds: seconds }: EndpointProps): string =>
  jsonata(`{'look': $millis() + ${seconds * 1000}, 'giveUp': $millis() + ${WATCHING.patience * seconds * 1000}}`);

/** Condition under which an endpoint that is moving is looked at again. */
export const STILL_MOVING = jsonata(`${MOVING} and $millis() < ${until.giveUp}`);

/** Condition under which an endpoint was moving for longer than anybody waits. */
export const MOVING_TOO_LONG = jsonata(MOVING);

/**
 * Makes a wait between two looks at an endpoint; longer once the deadline is over, which spares the execution's
 * history.
 */
export const pause = <const To extends string>({ endpointPollInSeconds: poll }: EndpointProps, next: To): Wait<To> => ({
  Type: "Wait",
  Seconds: jsonata(`$millis() < ${until.look} ? ${poll} : ${WATCHING.slower * poll}`),
  Next: next,
});

interface Update extends EndpointProps {
  /** JSONata of the endpoint configuration's name. */
  readonly configuration: Expression;
  /** JSONata of the guardrails of the update, which may be undefined. */
  readonly guardrails?: Expression;
  readonly patience?: Patience;
}

/**
 * Makes a task that asks for another configuration of the model's endpoint, and sets the time until which the endpoint
 * may take to come up. It does not use the optimized integration, whose published parameters have neither guardrails
 * nor retained properties ("Call SageMaker with Step Functions", developer guide): what it does not know is
 * `States.Runtime`, which nothing catches.
 */
export const updateEndpoint = <const To extends string>(
  { configuration, guardrails = "{}.none", patience, ...props }: Update,
  next: To,
): Task<To, keyof EndpointVariables> =>
  task(
    "aws-sdk:sagemaker:updateEndpoint",
    {
      // Without retained properties the update would throw away the capacity that auto scaling has reached.
      Arguments: jsonata(`$merge([{
        'EndpointName': ${modelSettings.endpoint},
        'EndpointConfigName': ${configuration},
        'RetainAllVariantProperties': ${modelSettings.retainCapacity}
      }, $exists(${guardrails}) ? {'DeploymentConfig': ${guardrails}} : {}])`),
      Assign: { until: untilDeadline(props) },
      Next: next,
    },
    patience,
  );

/** Makes a task that looks at the model's endpoint, and assigns what it sees to `$endpoint`. */
export const describeEndpoint = <const To extends string>(next: To): Task<To, keyof EndpointVariables> =>
  task("aws-sdk:sagemaker:describeEndpoint", {
    Arguments: { EndpointName: jsonata(modelSettings.endpoint) },
    Assign: {
      endpoint: {
        status: "{% $states.result.EndpointStatus %}",
        configuration: "{% $states.result.EndpointConfigName %}",
        reason:
          "{% $exists($states.result.FailureReason) ? $states.result.FailureReason : 'SageMaker gave no reason' %}",
      } satisfies Record<keyof EndpointVariables["endpoint"], string>,
    },
    Next: next,
  });
