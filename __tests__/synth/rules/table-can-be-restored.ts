import { differs, each, OUR_KEY, only, type Rule, reference } from "./rule";

const SOUND = {
  billing_mode: "PAY_PER_REQUEST",
  server_side_encryption: { enabled: true, kms_key_arn: reference("aws_kms_key.key.arn") },
  point_in_time_recovery: { enabled: true },
};

/** Every table is encrypted with our key, can be brought back to any second of late, and costs what is asked of it. */
export const tableCanBeRestored: Rule = {
  judge: each("aws_dynamodb_table", (table) =>
    differs(table, { ...SOUND, server_side_encryption: { enabled: true, kms_key_arn: OUR_KEY } }),
  ),
  keeps: only({ aws_dynamodb_table: SOUND }),
  breaks: {
    "point_in_time_recovery is undefined": only({
      aws_dynamodb_table: { ...SOUND, point_in_time_recovery: undefined },
    }),
    "server_side_encryption is undefined": only({
      aws_dynamodb_table: { ...SOUND, server_side_encryption: undefined },
    }),
    'billing_mode is "PROVISIONED"': only({ aws_dynamodb_table: { ...SOUND, billing_mode: "PROVISIONED" } }),
  },
  least: 3,
};
