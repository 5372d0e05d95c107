import { differs, type Judgement, only, type Rule, resources } from "./rule";

const API = { logging_level: "OFF", data_trace_enabled: false };
const MACHINE = { include_execution_data: false };
const pair = (settings: object, logging_configuration: object) =>
  only({ aws_api_gateway_method_settings: { settings }, aws_sfn_state_machine: { logging_configuration } });

/** Neither the gateway nor a state machine logs what it is sent, which is players' data. */
export const logsHoldNoBodies: Rule = {
  judge: (stacks) => [
    ...resources(stacks, "aws_api_gateway_method_settings").map(
      ({ address, attributes }): Judgement => [address, differs(attributes.settings as object as typeof API, API)],
    ),
    ...resources(stacks, "aws_sfn_state_machine").map(
      ({ address, attributes }): Judgement => [
        address,
        differs(attributes.logging_configuration as typeof MACHINE, MACHINE),
      ],
    ),
  ],
  keeps: pair(API, MACHINE),
  breaks: {
    'logging_level is "INFO"': pair({ ...API, logging_level: "INFO" }, MACHINE),
    "data_trace_enabled is true": pair({ ...API, data_trace_enabled: true }, MACHINE),
    "include_execution_data is true": pair(API, { include_execution_data: true }),
  },
  least: 2,
};
