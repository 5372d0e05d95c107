import { differs, each, OUR_KEY, only, type Rule, reference } from "./rule";

/** The retention that each environment's configuration asks for. */
const DAYS: Readonly<Record<string, number>> = { local: 1, development: 14, production: 365, test: 7 };
const SOUND = { retention_in_days: 7, kms_key_id: reference("aws_kms_key.key.arn") };

/** Every log group is encrypted with our key, and forgets after the configured days. */
export const logsEnd: Rule = {
  judge: each("aws_cloudwatch_log_group", (group, environment) =>
    differs(group, { retention_in_days: DAYS[environment], kms_key_id: OUR_KEY }),
  ),
  keeps: only({ aws_cloudwatch_log_group: SOUND }),
  breaks: {
    "retention_in_days is undefined": only({ aws_cloudwatch_log_group: { ...SOUND, retention_in_days: undefined } }),
    "kms_key_id is undefined": only({ aws_cloudwatch_log_group: { ...SOUND, kms_key_id: undefined } }),
  },
  least: 20,
};
