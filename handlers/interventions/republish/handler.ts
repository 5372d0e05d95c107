import type { BusEvent } from "../../../contracts/bus";
import { parseEvent } from "../../../contracts/events";
import { parseInput } from "../../../contracts/inputs";
import type { PutEvents } from "../../lib/aws/event-bus";
import { type BatchReply, deliverAgain, type Message } from "../../lib/aws/messages";
import { errorName, type Telemetry } from "../../lib/util/telemetry";

export interface RepublishDeps {
  readonly telemetry: Telemetry;
  readonly putEvents: PutEvents;
}

/**
 * Puts events on the bus that it did not take before. Those that it does not take again, and messages that are no
 * events, stay in the queue until they are dead letters.
 */
export const createHandler =
  ({ telemetry, putEvents }: RepublishDeps) =>
  async (input: unknown): Promise<BatchReply> => {
    const { Records } = parseInput("republish", input);
    const events: { readonly message: Message; readonly event: BusEvent }[] = [];
    const unread: Message[] = [];
    for (const message of Records) {
      try {
        events.push({ message, event: parseEvent(message.body) });
      } catch (error) {
        telemetry.error("a message is no event", { messageId: message.messageId, reason: errorName(error) });
        unread.push(message);
      }
    }
    const untaken = new Set(await putEvents(events.map(({ event }) => event)));
    const left = events.filter((_, index) => untaken.has(index)).map(({ message }) => message);
    telemetry.info("events were put on the bus", { events: events.length - left.length, left: left.length });
    return deliverAgain([...unread, ...left]);
  };
