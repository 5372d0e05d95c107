import { type Attributes, differs, type Judgement, type Rule, reference, resources } from "./rule";

const HERE = "arn:aws:sqs:eu-west-1:000000000000";
const arnOf = (environment: string, name: string) => `${HERE}:vwt-${environment}-${name}`;
const queueOf = (environment: string) => arnOf(environment, "undelivered");
const QUEUES = { aws_sqs_queue: { assessments_queue_0A1B2C3D: { name: "vwt-test-assessments" } } };
const DELIVERY = { retry_policy: {}, dead_letter_config: { arn: queueOf("test") } };
const TO_QUEUE = reference("aws_sqs_queue.assessments_queue_0A1B2C3D.arn");
const pair = (rule: Attributes, schedule: Attributes) => ({
  resource: {
    ...QUEUES,
    ...{ aws_cloudwatch_event_target: { one: rule }, aws_scheduler_schedule: { one: { target: schedule } } },
  },
});

/** The queue of a rule that fills it, by the rule's target. */
const QUEUE = /^\$\{aws_sqs_queue\.([\w-]+_queue_\w+)\.arn\}$/;

/** The stream of an operator's archive, by the target of the rule that fills it. */
const ARCHIVE = /^\$\{aws_kinesis_firehose_delivery_stream\.archives_of-/;

/**
 * A rule or a schedule tries again, and what it cannot deliver is kept: for a queue, in that queue's own, for archives in
 * theirs.
 */
export const undeliveredIsKept: Rule = {
  judge(stacks, environment) {
    const wrong = (stack: (typeof stacks)[number], target: Attributes) => {
      if (target.retry_policy === undefined) return "does not say how often to try";
      const [, queue = ""] = QUEUE.exec(String(target.arn)) ?? [];
      const named = stack.all("aws_sqs_queue")[queue]?.name;
      const own = ARCHIVE.test(String(target.arn)) ? `vwt-${environment}-archive` : named;
      const keeper = own === undefined ? queueOf(environment) : `${HERE}:${own}-dead`;
      return differs(target, { dead_letter_config: { arn: keeper } });
    };
    return [
      ...resources(stacks, "aws_cloudwatch_event_target").map(
        ({ stack, address, attributes }): Judgement => [address, wrong(stack, attributes)],
      ),
      ...resources(stacks, "aws_scheduler_schedule").map(
        ({ stack, address, attributes }): Judgement => [address, wrong(stack, attributes.target as Attributes)],
      ),
    ];
  },
  keeps: {
    resource: {
      ...pair(DELIVERY, DELIVERY).resource,
      aws_cloudwatch_event_target: {
        one: DELIVERY,
        three: {
          ...DELIVERY,
          arn: reference("aws_kinesis_firehose_delivery_stream.archives_of-a_stream_0A1B2C3D.arn"),
          dead_letter_config: { arn: arnOf("test", "archive-dead") },
        },
        two: { ...DELIVERY, arn: TO_QUEUE, dead_letter_config: { arn: arnOf("test", "assessments-dead") } },
      },
    },
  },
  breaks: {
    "does not say how often to try": pair({ ...DELIVERY, retry_policy: undefined }, DELIVERY),
    "dead_letter_config is undefined": pair(DELIVERY, { retry_policy: {} }),
    'dead_letter_config is {"arn":"arn:other"}': pair(DELIVERY, {
      ...DELIVERY,
      dead_letter_config: { arn: "arn:other" },
    }),
    [`dead_letter_config is ${JSON.stringify(DELIVERY.dead_letter_config)}`]: pair(
      { ...DELIVERY, arn: TO_QUEUE },
      DELIVERY,
    ),
  },
  least: 3 + 2 + 3 + 3,
};
