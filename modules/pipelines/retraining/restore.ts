import { HASTE, invoke, type State, step } from "../asl";
import type { RetrainingProps } from "./contract";
import { describeEndpoint, pause, STILL_MOVING, until, updateEndpoint } from "./endpoint";

/** Adds what became of the champion to the failure that made it necessary to restore it. */
const withNews = (news: string) => ({
  Assign: { failure: `{% $merge([$failure, {'cause': $failure.cause & '; ${news}'}]) %}` },
  Next: "Failed",
});

const orLost = (state: State): State => ({ ...state, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Champion lost" }] });

/**
 * Synthetic traffic after the switch. When the new model does not answer it as a model should, the endpoint goes back
 * to the configuration that it ran before, and the same traffic proves that the old model answers.
 */
export const restoreStates = ({ functions, settings }: RetrainingProps): Record<string, State> => {
  const probe = (state: Readonly<Record<string, unknown>>) =>
    invoke(functions["probe-endpoint"], { model: "{% $model %}" }, state);
  return {
    Probe: step("Probe", probe({ Next: "Write serving record" }), "Give up the candidate"),
    "Give up the candidate": { Type: "Pass", Assign: { until: until(settings) }, Next: "Look before restoring" },
    // Auto scaling may have begun with the new model's first traffic.
    "Look before restoring": orLost(describeEndpoint("Can it be restored?")),
    "Can it be restored?": {
      Type: "Choice",
      Choices: [
        { Condition: "{% $endpoint.status = 'InService' %}", Next: "Restore champion" },
        { Condition: STILL_MOVING, Next: "Wait to restore" },
      ],
      Default: "Champion lost",
    },
    "Wait to restore": pause(settings, "Look before restoring"),
    "Restore champion": orLost(
      updateEndpoint("$championConfiguration", settings, "Wait for champion", { patience: HASTE }),
    ),
    "Wait for champion": pause(settings, "Look at champion"),
    "Look at champion": orLost(describeEndpoint("Champion back?")),
    "Champion back?": {
      Type: "Choice",
      Choices: [
        {
          Condition: "{% $endpoint.status = 'InService' and $endpoint.configuration = $championConfiguration %}",
          Next: "Probe champion",
        },
        { Condition: STILL_MOVING, Next: "Wait for champion" },
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
