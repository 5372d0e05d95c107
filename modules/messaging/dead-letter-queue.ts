import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";
import { sendersPolicy } from "../identity/policies";

export interface DeadLetterQueueProps {
  /** Name of the queue, after the project and environment. */
  readonly name: string;
  /** Sentence by which the alarm says what has happened. */
  readonly says: string;
  /** The topic that tells people when something lies in the queue. */
  readonly topicArn: string;
  /** ARN of the rule that sends what it could not deliver, or a pattern of such rules. */
  readonly rules?: string;
  /** ARN of the only queue whose messages come here once they have been received too often. */
  readonly source?: string;
}

/** Longest that SQS keeps a message, in seconds. */
const TWO_WEEKS = 1_209_600;

/**
 * Keeps what could not be delivered or what functions failed at, and tells people. Rules send by the queue's policy,
 * schedules and functions by their role
 * (https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html).
 */
export class DeadLetterQueue extends Construct {
  readonly arn: string;
  /** The ARN as it is known once the queue is there. */
  readonly madeArn: string;
  readonly name: string;

  constructor(scope: Construct, id: string, props: DeadLetterQueueProps) {
    super(scope, id);
    const { naming, key } = BaseStack.of(this);
    const name = naming.of("queue", props.name);
    this.name = name;
    // Known before the queue is: the provider takes half a minute to make one, and rules and schedules need not wait.
    this.arn = naming.arn("sqs", name);
    const queue = new SqsQueue(this, "queue", {
      name,
      kmsMasterKeyId: key.arn,
      messageRetentionSeconds: TWO_WEEKS,
      ...(props.rules && { policy: sendersPolicy(this.arn, props.rules) }),
      ...(props.source && {
        redriveAllowPolicy: JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [props.source] }),
      }),
    });
    this.madeArn = queue.arn;
    new CloudwatchMetricAlarm(this, "alarm", {
      alarmName: naming.of("alarm", props.name),
      alarmDescription: `${props.says}: see the messages of ${name}`,
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: name },
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      period: 300,
      evaluationPeriods: 1,
      // SQS stops reporting on a queue that nobody uses.
      treatMissingData: "notBreaching",
      alarmActions: [props.topicArn],
    });
  }

  /** Lets the role of a schedule or a function send what failed. */
  grantSend(role: ServiceRole): void {
    role.grant("queue:send", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }
}
