import { DELIVERED_EVENTS, type DeliveredDocument } from "../../../contracts/deliveries";
import { parseEvent } from "../../../contracts/events";
import { oneOf } from "../../../contracts/parse";
import type { Message } from "./adapter";

const delivered = oneOf(...DELIVERED_EVENTS);

/**
 * Makes an operator's message of an EventBridge event in JSON, of what the event's schema has and nothing else;
 * `undefined` when it is no event for operators, or of another operator's player.
 */
export function messageOf(event: string, operatorId: string): Message | undefined {
  try {
    const { name, detail: data } = parseEvent(event);
    if (data.operatorId !== operatorId) return undefined;
    const document: DeliveredDocument = { type: delivered(name), timestamp: data.at, data };
    return { id: data.id, playerId: data.playerId, body: JSON.stringify(document) };
  } catch {
    return undefined;
  }
}
