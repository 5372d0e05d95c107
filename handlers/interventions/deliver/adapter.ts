import type { DeliveryKind, DeliverySettings } from "../../../contracts/deliveries";
import type { Outcome } from "./outcome";

/** An event as a receiver gets it, whichever way it goes. */
export interface Message {
  /** The event's id, by which a receiver knows one that comes twice. */
  readonly id: string;
  readonly playerId: string;
  /** JSON: `{type, timestamp, data}`. */
  readonly body: string;
}

/** One way to hand messages over. */
export interface Adapter {
  /** Tries once and tells what became of it; throws nothing. Ends when the signal aborts. */
  readonly send: (message: Message, signal: AbortSignal) => Promise<Outcome>;
}

/** Makes the adapter of a delivery, by its kind. */
export type Adapters = {
  readonly [K in DeliveryKind]: (settings: DeliverySettings<K>) => Adapter;
};

export const adapterOf = <K extends DeliveryKind>(adapters: Adapters, settings: DeliverySettings<K>): Adapter =>
  adapters[settings.kind](settings);
