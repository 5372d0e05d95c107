import type { Input } from "../../../contracts/inputs";
import { jsonata, partWith } from "../asl";
import { type Failure, orElse, step } from "../failures";
import { HASTE } from "../retries";
import { invoke } from "../tasks";
import { variables } from "../variables";
import {
  describeEndpoint,
  type EndpointProps,
  type EndpointVariables,
  pause,
  STILL_MOVING,
  untilDeadline,
  updateEndpoint,
} from "./endpoint";

export type VerifyVariables = EndpointVariables & {
  readonly model: string;
  readonly failure: Failure;
  /** Name of the endpoint configuration that served before. */
  readonly championConfiguration: string;
};

const part = partWith<VerifyVariables>();
const { model, failure, endpoint, championConfiguration } = variables<VerifyVariables>();

/** Appends the outcome of the restore to the cause of the failure that triggered it. */
const withOutcome = (outcome: string) =>
  ({
    Type: "Pass",
    Assign: { failure: jsonata(`$merge([${failure}, {'cause': ${failure.cause} & '; ${outcome}'}])`) },
    Next: "Failed",
  }) as const;

/**
 * Sends synthetic traffic after the switch. When the new model does not answer it as a model should, the endpoint goes
 * back to the configuration that it ran before, and the same traffic proves that the old model answers.
 */
export const verifyPart = <Exit extends string>(
  { probeFunction, ...props }: EndpointProps & { readonly probeFunction: string },
  exits: { readonly verified: Exit },
) => {
  const payload = { model: jsonata(model) } satisfies Record<keyof Input<"probe-endpoint">, string>;
  return part(exits, {
    Probe: step("Probe", invoke(probeFunction, payload, { Next: exits.verified }), "Give up the candidate"),
    "Give up the candidate": {
      Type: "Pass",
      Assign: { until: untilDeadline(props) },
      Next: "Look before restoring",
    },
    // Auto scaling may have begun with the new model's first traffic.
    "Look before restoring": orElse(describeEndpoint("Can it be restored?"), "Champion lost"),
    "Can it be restored?": {
      Type: "Choice",
      Choices: [
        { Condition: jsonata(`${endpoint.status} = 'InService'`), Next: "Restore champion" },
        { Condition: STILL_MOVING, Next: "Wait to restore" },
      ],
      Default: "Champion lost",
    },
    "Wait to restore": pause(props, "Look before restoring"),
    "Restore champion": orElse(
      updateEndpoint({ ...props, configuration: championConfiguration, patience: HASTE }, "Wait for champion"),
      "Champion lost",
    ),
    "Wait for champion": pause(props, "Look at champion"),
    "Look at champion": orElse(describeEndpoint("Champion back?"), "Champion lost"),
    "Champion back?": {
      Type: "Choice",
      Choices: [
        {
          Condition: jsonata(
            `${endpoint.status} = 'InService' and ${endpoint.configuration} = ${championConfiguration}`,
          ),
          Next: "Probe champion",
        },
        { Condition: STILL_MOVING, Next: "Wait for champion" },
      ],
      Default: "Champion lost",
    },
    "Probe champion": orElse(invoke(probeFunction, payload, { Next: "Champion restored" }), "Champion silent"),
    "Champion restored": withOutcome("the champion is restored and answers"),
    "Champion silent": withOutcome("the champion is restored but does not answer the probe either"),
    "Champion lost": withOutcome("THE CHAMPION COULD NOT BE RESTORED, the endpoint needs a person"),
  });
};
