import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { Construct } from "constructs";
import { archiveDays, archiveErrors, archiveFolder } from "../../contracts/archive";
import { EVENT_SOURCE } from "../../contracts/bus";
import { BaseStack } from "../base/base-stack";
import { archiveName } from "../base/naming";
import type { ServiceRole } from "../identity/iam";
import { BucketStream, type BucketStreamProps } from "./bucket-stream";
import type { DeadLetterQueue } from "./dead-letter-queue";
import type { EventBus } from "./event-bus";
import { DELIVERY } from "./event-queue";

export interface OperatorArchiveProps extends Pick<BucketStreamProps, "bucket" | "buffer"> {
  readonly operatorId: string;
  readonly bus: EventBus;
  /** Puts events into the streams of archives, in the rules' names. */
  readonly sender: ServiceRole;
  /** Keeps the events that a rule could not deliver. */
  readonly deadLetters: DeadLetterQueue;
  /** The topic that tells people when events wait too long. */
  readonly topicArn: string;
}

/** Firehose tries for a day to write to a bucket, and then drops what it has. */
const LATE_SECONDS = 3_600;

/**
 * Writes all events of an operator's players to its part of the archive, by a rule and a stream of its own: no code
 * chooses where an event goes, and the stream's role can write nowhere else.
 */
export class OperatorArchive extends BucketStream {
  constructor(scope: Construct, id: string, props: OperatorArchiveProps) {
    const { operatorId, bus, bucket, buffer } = props;
    const own = archiveName(operatorId);
    super(scope, id, {
      name: [own],
      brings: `Events of players of ${operatorId} into its archive`,
      ...{ bucket, buffer, endsLines: true },
      under: archiveFolder(operatorId),
      prefix: archiveDays(operatorId),
      errors: archiveErrors(operatorId),
    });
    const { naming } = BaseStack.of(this);
    const rule = new CloudwatchEventRule(this, "rule", {
      name: naming.of("rule", own),
      description: `Everything of players of ${operatorId}, to its archive`,
      eventBusName: bus.name,
      eventPattern: JSON.stringify({ source: [EVENT_SOURCE], detail: { operatorId: [operatorId] } }),
    });
    new CloudwatchEventTarget(this, "target", {
      rule: rule.name,
      eventBusName: bus.name,
      targetId: "archive",
      arn: this.arn,
      roleArn: props.sender.arn,
      retryPolicy: DELIVERY,
      deadLetterConfig: { arn: props.deadLetters.arn },
      dependsOn: [props.sender.policy],
    });
    new CloudwatchMetricAlarm(this, "late", {
      alarmName: naming.of("alarm", own, "late"),
      alarmDescription: `Events of ${operatorId} do not get into its archive: see the log of the stream ${this.name}`,
      namespace: "AWS/Firehose",
      metricName: "DeliveryToS3.DataFreshness",
      dimensions: { DeliveryStreamName: this.name },
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: LATE_SECONDS,
      period: 300,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
      alarmActions: [props.topicArn],
    });
  }
}
