import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Construct } from "constructs";
import { type DELIVERED_EVENTS, deliveryKey, MOST_AGE } from "../../contracts/deliveries";
import { BaseStack } from "../base/base-stack";
import { type DELIVERY_PREFIX, deliveryName } from "../base/naming";
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
  readonly kind: keyof typeof DELIVERY_PREFIX;
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
    const { operatorId, name, kind, bus, events, triedFor, ...queue } = props;
    this.of = deliveryKey(props);
    this.queue = new EventQueue(this, "queue", {
      ...queue,
      name: deliveryName({ operatorId, name, kind }),
      says: `Events could not be delivered to ${operatorId} by ${name}`,
      overdueSeconds: Math.min(2 * triedFor, MOST_AGE),
      from: { bus, events, detail: { operatorId: [operatorId] } },
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
