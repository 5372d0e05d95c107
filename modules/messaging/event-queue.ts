import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { LambdaEventSourceMapping } from "@cdktf/provider-aws/lib/lambda-event-source-mapping";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { Construct } from "constructs";
import { EVENT_SOURCE } from "../../contracts/bus";
import type { EventName } from "../../contracts/events";
import { KEPT_SECONDS, visibilityOf } from "../../contracts/queues";
import { BaseStack } from "../base/base-stack";
import { deadLettersOf } from "../base/naming";
import type { NodeFunction } from "../functions/node-function";
import type { ServiceRole } from "../identity/iam";
import { sendersPolicy } from "../identity/policies";
import { DeadLetterQueue } from "./dead-letter-queue";
import type { EventBus } from "./event-bus";

export interface EventQueueProps {
  /** Name of the queue, after the project and environment; its dead-letter queue has the same with `-dead`. */
  readonly name: string;
  /** The function that handles the messages and answers `batchItemFailures`. */
  readonly consumer: NodeFunction;
  /** Sentence that says what it means when messages cannot be handled, for the alarm. */
  readonly says: string;
  /** The topic that tells people of dead letters. */
  readonly topicArn: string;
  /** Times that a message is received before it is a dead letter. */
  readonly maxReceives: number;
  /** The most calls of the function that the queue makes at once. */
  readonly maximumConcurrency: number;
  /**
   * The most messages of a call and, where they are more than ten, the seconds for which Lambda gathers them.
   *
   * @default ten
   */
  readonly batch?: { readonly size: number; readonly seconds?: number };
  /** Set where the function's role has been granted its queues by a pattern, because it has too many to list. */
  readonly grantedByPattern?: true;
  /**
   * Seconds for which a message may wait before people hear of it.
   *
   * @default an hour
   */
  readonly overdueSeconds?: number;
  /** The events of a bus that come to the queue; without it, whoever is granted `queue:send` fills it. */
  readonly from?: EventSelection;
}

export interface EventSelection {
  readonly bus: EventBus;
  readonly events: readonly EventName[];
  /** Pattern of the details, such as `{ operatorId: ["operator-a"] }`. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

const ONE_HOUR = 3_600;
/** The most that EventBridge tries, and the longest. */
export const DELIVERY = { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 86_400 };

/**
 * Makes a queue before a function: events of a bus come to it by a rule, Lambda hands them to the function in batches,
 * and those that the rule cannot deliver or the function does not handle are kept in the queue's own dead-letter queue.
 */
export class EventQueue extends Construct {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, props: EventQueueProps) {
    super(scope, id);
    const { naming, key } = BaseStack.of(this);
    const { consumer, from } = props;
    this.name = naming.of("queue", props.name);
    // Known before the queue is, as its dead-letter queue's and its rule's are.
    this.arn = naming.arn("sqs", this.name);
    this.url = naming.queueUrl(this.name);
    const rule = naming.of("rule", props.name);
    const rules = from?.bus.ruleArn(rule);
    this.deadLetters = new DeadLetterQueue(this, "dead", {
      name: deadLettersOf(props.name),
      says: props.says,
      topicArn: props.topicArn,
      source: this.arn,
      ...(rules && { rules }),
    });
    const queue = new SqsQueue(this, "queue", {
      name: this.name,
      kmsMasterKeyId: key.arn,
      messageRetentionSeconds: KEPT_SECONDS,
      visibilityTimeoutSeconds: visibilityOf(consumer.timeoutInSeconds),
      redrivePolicy: JSON.stringify({
        deadLetterTargetArn: this.deadLetters.madeArn,
        maxReceiveCount: props.maxReceives,
      }),
      ...(rules && { policy: sendersPolicy(this.arn, rules) }),
    });
    if (!props.grantedByPattern) consumer.role.grant("queue:receive", this.arn).grant("key:use", key.arn);
    new LambdaEventSourceMapping(this, "source", {
      eventSourceArn: queue.arn,
      functionName: consumer.liveArn,
      batchSize: props.batch?.size ?? 10,
      ...(props.batch?.seconds && { maximumBatchingWindowInSeconds: props.batch.seconds }),
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency: props.maximumConcurrency },
    });
    if (from) this.subscribe(rule, queue, from);
    this.tellOfAge(props);
  }

  /**
   * Makes the alarm on messages that nobody handles: the queue forgets them in the end. SQS does not count those that were
   * received three times ("Available CloudWatch metrics", developer guide), which are given up in time.
   */
  private tellOfAge({ name, overdueSeconds = ONE_HOUR, topicArn }: EventQueueProps): void {
    new CloudwatchMetricAlarm(this, "age", {
      alarmName: BaseStack.of(this).naming.of("alarm", name, "age"),
      alarmDescription: `Messages wait in ${this.name} for longer than they should: see the log of its function`,
      namespace: "AWS/SQS",
      metricName: "ApproximateAgeOfOldestMessage",
      dimensions: { QueueName: this.name },
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: overdueSeconds,
      period: 300,
      evaluationPeriods: 1,
      // SQS stops reporting on a queue that nobody uses.
      treatMissingData: "notBreaching",
      alarmActions: [topicArn],
    });
  }

  private subscribe(name: string, queue: SqsQueue, { bus, events, detail }: EventSelection): void {
    const rule = new CloudwatchEventRule(this, "rule", {
      name,
      description: `${events.join(", ")} to ${this.name}`,
      eventBusName: bus.name,
      eventPattern: JSON.stringify({ source: [EVENT_SOURCE], "detail-type": events, ...(detail && { detail }) }),
    });
    new CloudwatchEventTarget(this, "target", {
      rule: rule.name,
      eventBusName: bus.name,
      targetId: "queue",
      arn: queue.arn,
      retryPolicy: DELIVERY,
      deadLetterConfig: { arn: this.deadLetters.arn },
    });
  }

  /** Lets the role send messages itself. */
  grantSend(role: ServiceRole): void {
    role.grant("queue:send", this.arn).grant("key:use", BaseStack.of(this).key.arn);
  }
}
