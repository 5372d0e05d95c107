import { createHash } from "node:crypto";
import type { EventDetail, EventName } from "./events";

/**
 * Names on the bus and of its events. They stand apart from `events.ts`, because producers on the way of a request must
 * not load zod.
 */

/** Source of every event of the framework on its bus. */
export const EVENT_SOURCE = "vwt";

/** An event for the bus: its detail type and its detail. */
export type BusEvent<N extends EventName = EventName> = {
  readonly [Name in N]: { readonly name: Name; readonly detail: EventDetail<Name> };
}[N];

/** Writes an event as EventBridge hands it to a queue, as far as consumers read it; `parseEvent` reads it. */
export const envelopeOf = ({ name, detail }: BusEvent): string =>
  JSON.stringify({ source: EVENT_SOURCE, "detail-type": name, detail });

/** Names the assessment of one record by its predictions, whatever their order: one that comes twice has the same. */
export const assessmentId = (predictionIds: readonly string[]): string =>
  createHash("sha256")
    .update(JSON.stringify([...predictionIds].sort()))
    .digest("hex")
    .slice(0, 32);
