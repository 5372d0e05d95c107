import { type State, step, THROTTLED, TRANSIENT, task } from "./asl";
import type { RetrainingProps } from "./contract";

/** Adds what became of the champion to the failure that made it necessary to restore it. */
const withNews = (news: string) => ({
  Assign: { failure: `{% $merge([$failure, {'cause': $failure.cause & '; ${news}'}]) %}` },
  Next: "Failed",
});

/**
 * Synthetic traffic after the switch. When the new model does not answer it as a model should, the endpoint goes back
 * to the configuration that it ran before, and the same traffic proves that the old model answers.
 */
export const restoreStates = ({ probeFunction, settings }: RetrainingProps): Record<string, State> => {
  const probe = (state: Readonly<Record<string, unknown>>) =>
    task("lambda:invoke", {
      Arguments: { FunctionName: probeFunction, Payload: { model: "{% $model %}" } },
      Retry: TRANSIENT,
      ...state,
    });
  return {
    "Note champion": step(
      "Update endpoint",
      task("aws-sdk:sagemaker:describeEndpoint", {
        Arguments: { EndpointName: "{% $this.endpoint %}" },
        Assign: { championConfiguration: "{% $states.result.EndpointConfigName %}" },
        Retry: THROTTLED,
        Next: "Update endpoint",
      }),
    ),
    Probe: step("Probe", probe({ Next: "Write serving record" }), "Restore champion"),
    "Restore champion": {
      ...task("sagemaker:updateEndpoint", {
        Arguments: {
          EndpointName: "{% $this.endpoint %}",
          EndpointConfigName: "{% $championConfiguration %}",
          RetainAllVariantProperties: "{% $this.retainCapacity %}",
        },
        Assign: { deadline: `{% $millis() + ${settings.endpointDeadlineInSeconds * 1000} %}` },
        Retry: THROTTLED,
        Next: "Wait for champion",
      }),
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Champion lost" }],
    },
    "Wait for champion": { Type: "Wait", Seconds: settings.endpointPollInSeconds, Next: "Describe champion" },
    "Describe champion": {
      ...task("aws-sdk:sagemaker:describeEndpoint", {
        Arguments: { EndpointName: "{% $this.endpoint %}" },
        Assign: {
          endpoint: {
            status: "{% $states.result.EndpointStatus %}",
            configuration: "{% $states.result.EndpointConfigName %}",
          },
        },
        Retry: THROTTLED,
        Next: "Champion back?",
      }),
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Champion lost" }],
    },
    "Champion back?": {
      Type: "Choice",
      Choices: [
        {
          Condition: "{% $endpoint.status = 'InService' and $endpoint.configuration = $championConfiguration %}",
          Next: "Probe champion",
        },
        { Condition: "{% $endpoint.status != 'Failed' and $millis() < $deadline %}", Next: "Wait for champion" },
      ],
      Default: "Champion lost",
    },
    "Probe champion": {
      ...probe({ Next: "Champion restored" }),
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Champion silent" }],
    },
    "Champion restored": { Type: "Pass", ...withNews("the champion is restored and answers") },
    "Champion silent": { Type: "Pass", ...withNews("the champion is restored but does not answer the probe either") },
    "Champion lost": { Type: "Pass", ...withNews("THE CHAMPION COULD NOT BE RESTORED, the endpoint needs a person") },
  };
};
