import type { Config } from "../../config";
import { jsonata, type State, THROTTLED, task } from "./asl";

type Assign = Readonly<Record<string, unknown>>;

/**
 * Asks for another configuration of the model's endpoint, and sets the deadline until which it may come up. The
 * configuration's name and the guardrails of the update, which may be undefined, are JSONata expressions.
 */
export const updateEndpoint = (
  configuration: string,
  settings: Config["retraining"],
  next: string,
  guardrails = "{}.none",
): State =>
  task("sagemaker:updateEndpoint", {
    // Without retained properties the update would throw away the capacity that auto scaling has reached.
    Arguments: jsonata(`$merge([{
      'EndpointName': $this.endpoint,
      'EndpointConfigName': ${configuration},
      'RetainAllVariantProperties': $this.retainCapacity
    }, $exists(${guardrails}) ? {'DeploymentConfig': ${guardrails}} : {}])`),
    Assign: { deadline: `{% $millis() + ${settings.endpointDeadlineInSeconds * 1000} %}` },
    Retry: THROTTLED,
    Next: next,
  });

export const describeEndpoint = (assign: Assign, next: string): State =>
  task("aws-sdk:sagemaker:describeEndpoint", {
    Arguments: { EndpointName: "{% $this.endpoint %}" },
    Assign: assign,
    Retry: THROTTLED,
    Next: next,
  });

/** What a look at an updating endpoint tells. */
export const SEEN = {
  status: "{% $states.result.EndpointStatus %}",
  configuration: "{% $states.result.EndpointConfigName %}",
};
