import type { Config } from "../../config";
import { type State, THROTTLED, task } from "./asl";

type Assign = Readonly<Record<string, unknown>>;

/** Asks for another configuration of the model's endpoint, and sets the deadline until which it may come up. */
export const updateEndpoint = (configuration: string, settings: Config["retraining"], next: string): State =>
  task("sagemaker:updateEndpoint", {
    Arguments: {
      EndpointName: "{% $this.endpoint %}",
      EndpointConfigName: configuration,
      // Otherwise the update would throw away the capacity that auto scaling has reached.
      RetainAllVariantProperties: "{% $this.retainCapacity %}",
    },
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
