import { createHash } from "node:crypto";
import { deliveryKey } from "../../../contracts/deliveries";
import type { EventDetail } from "../../../contracts/events";
import type { PutEvents } from "../aws/event-bus";
import type { SendToQueue } from "../aws/queues";
import { CallFailure } from "../util/failure";
import type { Telemetry } from "../util/telemetry";

export interface DeadLettersDeps {
  readonly telemetry: Telemetry;
  readonly send: SendToQueue;
  readonly putEvents: PutEvents;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A delivery, with the ARN of the queue for what it cannot deliver. */
interface Delivery {
  readonly operatorId: string;
  readonly name: string;
  readonly deadLetters: string;
}

/** An event for an operator, in a message of its delivery's queue. */
interface Undelivered {
  readonly messageId: string;
  readonly body: string;
  /** The event's id. */
  readonly eventId: string;
  readonly playerId: string;
}

export type DeadLetters = ReturnType<typeof deadLettersOf>;

/** Makes the way of what cannot be delivered: into the delivery's dead-letter queue, with the reason. */
export function deadLettersOf({ telemetry, send, putEvents, now }: DeadLettersDeps) {
  const bury = async ({ operatorId, name, deadLetters }: Delivery, body: string, reason: string): Promise<void> => {
    telemetry.error("given up", { operatorId, delivery: name, reason });
    await send(deadLetters, {
      MessageBody: body,
      MessageAttributes: { reason: { DataType: "String", StringValue: reason } },
    });
  };
  return {
    /** Keeps what is no event for the operator. */
    bury,
    /** Keeps an event that cannot be delivered, and tells so on the bus. */
    giveUp: async (
      delivery: Delivery,
      { messageId, body, eventId, playerId }: Undelivered,
      reason: string,
    ): Promise<void> => {
      const { operatorId, name } = delivery;
      const detail: EventDetail<"DeliveryFailed"> = {
        version: 1,
        id: createHash("sha256")
          .update(`${deliveryKey(delivery)}#${eventId}#${messageId}`)
          .digest("hex")
          .slice(0, 32),
        at: new Date(now()).toISOString(),
        ...{ operatorId, playerId, delivery: name, eventId, reason },
      };
      // First, because one that is told twice is known by its id.
      const [untold] = await putEvents([{ name: "DeliveryFailed", detail }]);
      if (untold !== undefined) throw new CallFailure("unavailable", "the bus does not take that a delivery failed");
      await bury(delivery, body, reason);
    },
  };
}
