import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { LambdaEventSourceMapping } from "@cdktf/provider-aws/lib/lambda-event-source-mapping";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import { deadLettersOf } from "../base/naming";
import type { NodeFunction } from "../functions/node-function";
import { DeadLetterQueue } from "./dead-letter-queue";

export interface StreamSourceProps {
  /** Name of the dead-letter queue, after the project and environment. */
  readonly name: string;
  /** ARN of the table's stream. */
  readonly streamArn: string;
  /** The function that handles the records and answers `batchItemFailures`. */
  readonly consumer: NodeFunction;
  /** Pattern of the records that the function gets. */
  readonly pattern: Readonly<Record<string, unknown>>;
  /** Sentence that says what it means when records cannot be handled, for the alarm. */
  readonly says: string;
  /** The topic that tells people of it. */
  readonly topicArn: string;
  /** Times that records are tried again, during which those of the same shard wait, before they are given up. */
  readonly maximumRetries: number;
}

/** Longest that a stream keeps a record, in seconds. */
const ONE_DAY = 86_400;
/** Milliseconds behind the stream at which people hear of it, long before records are gone. */
const LATE_MS = 15 * 60_000;

/**
 * Hands the changes of a table to a function, those of one item in their order. A batch that fails is cut in halves, so
 * that one bad record holds up no others for long; where records that are given up stood in the stream is kept in a
 * dead-letter queue.
 */
export class StreamSource extends Construct {
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, props: StreamSourceProps) {
    super(scope, id);
    const { consumer, streamArn } = props;
    this.deadLetters = new DeadLetterQueue(this, "dead", {
      name: deadLettersOf(props.name),
      says: props.says,
      topicArn: props.topicArn,
    });
    this.deadLetters.grantSend(consumer.role);
    consumer.role
      .grant("stream:read", streamArn)
      .grantUnbound("stream:list")
      .grant("key:use", BaseStack.of(this).key.arn);
    new LambdaEventSourceMapping(this, "source", {
      eventSourceArn: streamArn,
      functionName: consumer.liveArn,
      // Nothing that was written before the mapping reads is left out.
      startingPosition: "TRIM_HORIZON",
      batchSize: 100,
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: props.maximumRetries,
      maximumRecordAgeInSeconds: ONE_DAY,
      functionResponseTypes: ["ReportBatchItemFailures"],
      filterCriteria: { filter: [{ pattern: JSON.stringify(props.pattern) }] },
      destinationConfig: { onFailure: { destinationArn: this.deadLetters.madeArn } },
    });
    new CloudwatchMetricAlarm(this, "age", {
      alarmName: BaseStack.of(this).naming.of("alarm", props.name, "age"),
      alarmDescription: `${props.says}: ${consumer.functionName} is behind, see its log. After a day, records are gone`,
      namespace: "AWS/Lambda",
      metricName: "IteratorAge",
      dimensions: { FunctionName: consumer.functionName },
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: LATE_MS,
      period: 300,
      evaluationPeriods: 1,
      // Nothing is read while nothing changes.
      treatMissingData: "notBreaching",
      alarmActions: [props.topicArn],
    });
  }
}
