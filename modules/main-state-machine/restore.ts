import { invoke, type State, step } from "./asl";
import type { RetrainingProps } from "./contract";
import { describeEndpoint, SEEN, updateEndpoint } from "./endpoint";

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
  const probe = (state: Readonly<Record<string, unknown>>) => invoke(probeFunction, { model: "{% $model %}" }, state);
  return {
    "Note champion": step(
      "Update endpoint",
      describeEndpoint({ championConfiguration: SEEN.configuration }, "Update endpoint"),
    ),
    Probe: step("Probe", probe({ Next: "Write serving record" }), "Restore champion"),
    "Restore champion": {
      ...updateEndpoint("$championConfiguration", settings, "Wait for champion"),
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Champion lost" }],
    },
    "Wait for champion": { Type: "Wait", Seconds: settings.endpointPollInSeconds, Next: "Describe champion" },
    "Describe champion": {
      ...describeEndpoint({ endpoint: SEEN }, "Champion back?"),
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
