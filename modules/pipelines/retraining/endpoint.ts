import type { Config } from "../../../config";
import { WATCHING } from "../../../config/schema/watching";
import { jsonata, type Patience, type State, task } from "../asl";

/** JSONata expression for the name of the endpoint configuration that a run deploys: each run makes its own. */
export const CONFIGURATION = "$this.prefix & '-' & $deployment";

/** In these the endpoint takes no update, and becomes something else by itself. */
const MOVING = "$endpoint.status in ['Creating', 'Updating', 'SystemUpdating', 'RollingBack']";

/** JSONata object that says until when the endpoint may take to come up, counted from now. */
export const until = ({ endpointDeadlineInSeconds }: Config["pipeline"]): string =>
  `{% {'look': $millis() + ${endpointDeadlineInSeconds * 1000}, 'giveUp': $millis() + ${WATCHING.patience * endpointDeadlineInSeconds * 1000}} %}`;

/** Condition under which an endpoint that is moving is looked at again. */
export const STILL_MOVING = `{% ${MOVING} and $millis() < $until.giveUp %}`;

/** Condition under which an endpoint was moving for longer than anybody waits. */
export const MOVING_TOO_LONG = `{% ${MOVING} %}`;

/** Waits between two looks at an endpoint; longer ones once the deadline is over, which spares the execution's history. */
export const pause = ({ endpointPollInSeconds: poll }: Config["pipeline"], next: string): State => ({
  Type: "Wait",
  Seconds: `{% $millis() < $until.look ? ${poll} : ${WATCHING.slower * poll} %}`,
  Next: next,
});

/**
 * Asks for another configuration of the model's endpoint, and sets the time until which it may take to come up. The
 * configuration's name and the guardrails of the update, which may be undefined, are JSONata expressions. Not the
 * optimized integration, whose published parameters have neither guardrails nor retained properties ("Call SageMaker
 * with Step Functions", developer guide): what it does not know is `States.Runtime`, which nothing catches.
 */
export const updateEndpoint = (
  configuration: string,
  settings: Config["pipeline"],
  next: string,
  { guardrails = "{}.none", patience }: { readonly guardrails?: string; readonly patience?: Patience } = {},
): State =>
  task(
    "aws-sdk:sagemaker:updateEndpoint",
    {
      // Without retained properties the update would throw away the capacity that auto scaling has reached.
      Arguments: jsonata(`$merge([{
        'EndpointName': $this.endpoint,
        'EndpointConfigName': ${configuration},
        'RetainAllVariantProperties': $this.retainCapacity
      }, $exists(${guardrails}) ? {'DeploymentConfig': ${guardrails}} : {}])`),
      Assign: { until: until(settings) },
      Next: next,
    },
    patience,
  );

/** Looks at the model's endpoint: `$endpoint` says its status, the configuration that it runs, and why it failed. */
export const describeEndpoint = (next: string): State =>
  task("aws-sdk:sagemaker:describeEndpoint", {
    Arguments: { EndpointName: "{% $this.endpoint %}" },
    Assign: {
      endpoint: {
        status: "{% $states.result.EndpointStatus %}",
        configuration: "{% $states.result.EndpointConfigName %}",
        reason:
          "{% $exists($states.result.FailureReason) ? $states.result.FailureReason : 'SageMaker gave no reason' %}",
      },
    },
    Next: next,
  });
