import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import type { ServiceRole } from "../identity/iam";
import { policyDocument } from "../identity/policies";
import type { NotificationTopic } from "./notification-topic";

export interface DeadLetterQueueProps {
  /** The topic that tells people when something lies in the queue. */
  readonly topic: NotificationTopic;
}

/** Longest that SQS keeps a message, in seconds. */
const TWO_WEEKS = 1_209_600;

/**
 * Keeps what the environment's EventBridge rules and schedules could not deliver and what functions failed at, each
 * with the error in its attributes, and tells people. Rules send by the queue's policy, schedules and functions by
 * their role (https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html).
 */
export class DeadLetterQueue extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { topic }: DeadLetterQueueProps) {
    super(scope, id);
    const { naming, key } = BaseStack.of(this);
    const name = naming.of("queue", "undelivered");
    // Known before the queue is: the provider takes half a minute to make one, and rules and schedules need not wait.
    this.arn = naming.arn("sqs", name);
    const rules = naming.arn("events", `rule/${naming.of("rule", "*")}`);
    new SqsQueue(this, "queue", {
      name,
      kmsMasterKeyId: key.arn,
      messageRetentionSeconds: TWO_WEEKS,
      policy: policyDocument([
        {
          Sid: "RulesOfThisEnvironment",
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: this.arn,
          Condition: { ArnLike: { "aws:SourceArn": rules } },
        },
      ]),
    });
    new CloudwatchMetricAlarm(this, "alarm", {
      alarmName: naming.of("alarm", "undelivered"),
      alarmDescription: `An event or a schedule could not be delivered: see the messages of ${name}`,
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
      alarmActions: [topic.arn],
    });
  }

  /** Lets the role of a schedule or a function send what failed. */
  grantSend(role: ServiceRole): void {
    role.grant("queue:send", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }
}
