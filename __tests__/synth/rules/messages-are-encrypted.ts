import { differs, type Judgement, only, type Rule, reference, resources } from "./rule";

const OURS = /aws_kms_key/;
const key = reference("aws_kms_key.key.arn");
const STREAM = { server_side_encryption: { enabled: true, key_type: "CUSTOMER_MANAGED_CMK", key_arn: key } };
/** Attribute by which each carrier of messages names the key that it encrypts with. */
const BY_TYPE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  aws_sns_topic: { kms_master_key_id: OURS },
  aws_sqs_queue: { kms_master_key_id: OURS },
  aws_cloudwatch_event_bus: { kms_key_identifier: OURS },
  aws_kinesis_firehose_delivery_stream: { server_side_encryption: { ...STREAM.server_side_encryption, key_arn: OURS } },
};

/** Topics, queues, buses and streams encrypt what they carry with our key. */
export const messagesAreEncrypted: Rule = {
  judge: (stacks) =>
    Object.entries(BY_TYPE).flatMap(([type, expected]) =>
      resources(stacks, type).map(({ address, attributes }): Judgement => [address, differs(attributes, expected)]),
    ),
  keeps: only({
    aws_sns_topic: { kms_master_key_id: key },
    aws_sqs_queue: { kms_master_key_id: key },
    aws_cloudwatch_event_bus: { kms_key_identifier: key },
    aws_kinesis_firehose_delivery_stream: STREAM,
  }),
  breaks: {
    "kms_master_key_id is undefined": only({ aws_sns_topic: {} }),
    'kms_master_key_id is "alias/aws/sqs"': only({ aws_sqs_queue: { kms_master_key_id: "alias/aws/sqs" } }),
    "kms_key_identifier is undefined": only({ aws_cloudwatch_event_bus: {} }),
    "server_side_encryption is undefined": only({ aws_kinesis_firehose_delivery_stream: {} }),
  },
  least: 4 + 3,
};
