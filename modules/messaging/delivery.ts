import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Construct } from "constructs";
import { type DELIVERED_EVENTS, deliveryKey, MOST_AGE } from "../../contracts/deliveries";
import { BaseStack } from "../base/base-stack";
import { deliveryName } from "../base/naming";
import type { EventBus } from "./event-bus";
import { EventQueue, type EventQueueProps } from "./event-queue";

/** What every function is told of a delivery. */
interface About {
  readonly operatorId: string;
  readonly name: string;
  readonly deadLetters: string;
}

/** Leaves fields out of each kind of settings. */
export type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export interface DeliveryProps
  extends Pick<
    EventQueueProps,
    "consumer" | "topicArn" | "maxReceives" | "maximumConcurrency" | "batch" | "grantedByPattern"
  > {
  readonly operatorId: string;
  readonly name: string;
  readonly bus: EventBus;
  readonly events: readonly (typeof DELIVERED_EVENTS)[number][];
  /** Seconds for which an event is tried at least. */
  readonly triedFor: number;
}

/**
 * Brings the events of an operator's players to a queue of their own before the function that delivers them, so that one
 * receiver holds up no other. How the function delivers is in a parameter that has the queue's name.
 */
export class Delivery extends Construct {
  /** Names the delivery for people: `<operator>/<name>`. */
  readonly of: string;
  private readonly queue: EventQueue;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: DeliveryProps,
  ) {
    super(scope, id);
    const { operatorId, name, bus, events, triedFor: _, ...queue } = props;
    this.of = deliveryKey(props);
    this.queue = new EventQueue(this, "queue", {
      ...queue,
      name: deliveryName(operatorId, name),
      says: `Events could not be delivered to ${operatorId} by ${name}`,
      from: { bus, events, detail: { operatorId: [operatorId] } },
    });
    this.tellOfAge();
  }

  /** Makes the alarm on events that wait for too long: nobody tries them, and the queue forgets them in the end. */
  private tellOfAge(): void {
    const { naming } = BaseStack.of(this);
    const { operatorId, name, triedFor, topicArn } = this.props;
    new CloudwatchMetricAlarm(this, "age", {
      alarmName: naming.of("alarm", deliveryName(operatorId, name), "age"),
      alarmDescription: `Events wait for ${operatorId} for longer than they should: see the log of the function that delivers, about ${name}`,
      namespace: "AWS/SQS",
      metricName: "ApproximateAgeOfOldestMessage",
      dimensions: { QueueName: this.queue.name },
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: Math.min(2 * triedFor, MOST_AGE),
      period: 300,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
      alarmActions: [topicArn],
    });
  }

  /** Name of the delivery's own parameter and secret. */
  get path(): string {
    return BaseStack.of(this).naming.path("deliveries", this.queue.name);
  }

  /** Tells the function how to deliver: `S` is what it reads. */
  by<S extends About>(how: Without<S, keyof About>): void {
    const { operatorId, name } = this.props;
    new SsmParameter(this, "settings", {
      name: this.path,
      type: "String",
      value: JSON.stringify({ operatorId, name, deadLetters: this.queue.deadLetters.arn, ...how }),
    });
  }
}
