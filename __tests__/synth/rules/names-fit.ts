import { only, type Rule, resources } from "./rule";

/** The attribute that holds a resource's name, and the longest that its service takes. */
const LIMITS: Readonly<Record<string, readonly [attribute: string, limit: number]>> = {
  aws_s3_bucket: ["bucket", 63],
  aws_lambda_function: ["function_name", 64],
  aws_iam_role: ["name", 64],
  aws_sagemaker_endpoint: ["name", 63],
  aws_sagemaker_model: ["name", 63],
  aws_sfn_state_machine: ["name", 80],
  aws_scheduler_schedule: ["name", 64],
  aws_cloudwatch_metric_alarm: ["alarm_name", 255],
  aws_cloudwatch_event_rule: ["name", 64],
  aws_cloudwatch_event_archive: ["name", 48],
  aws_sqs_queue: ["name", 80],
  aws_kinesis_firehose_delivery_stream: ["name", 64],
};

/** Names fit their services' limits, and none is another's. Each type is there, so that no limit is of a type of old. */
export const namesFit: Rule = {
  judge: (stacks) =>
    Object.entries(LIMITS).flatMap(([type, [attribute, limit]]) => {
      const found = resources(stacks, type);
      const names = found.map(({ attributes }) => attributes[attribute] as string);
      return found.map(({ address }, place) => {
        const name = names[place] as string;
        if (name.length > limit) return [address, `${name.length} characters, at most ${limit}`];
        return [address, names.indexOf(name) === place ? undefined : `${name} is another's name`];
      });
    }),
  keeps: only({ aws_s3_bucket: { bucket: "b".repeat(63) } }),
  breaks: {
    "64 characters, at most 63": only({ aws_s3_bucket: { bucket: "b".repeat(64) } }),
    "twice is another's name": {
      resource: { aws_iam_role: { one: { name: "twice" }, other: { name: "twice" } } },
    },
  },
  least: 60,
};

export const NAMED = Object.keys(LIMITS);
