import { type DeliverySettings, deliveryKey, deliverySettings } from "../../../contracts/deliveries";
import type { Settings } from "../../../contracts/environment";
import { parseInput } from "../../../contracts/inputs";
import { parseJson } from "../../../contracts/parse";
import { type BatchReply, deliverAgain } from "../../lib/aws/messages";
import type { ReadParameter } from "../../lib/aws/parameter";
import { receiptOf } from "../../lib/deliveries/come-again";
import type { DeadLetters } from "../../lib/deliveries/dead-letters";
import { remembered } from "../../lib/util/remembered";
import { errorName, type Telemetry } from "../../lib/util/telemetry";
import { type Adapters, adapterOf } from "./adapter";
import type { Received, Step } from "./attempt";
import { type DeliveryPorts, deliver } from "./logic";
import { messageOf } from "./message";
import type { DeliveryStore } from "./store";

export interface DeliverDeps {
  readonly environment: Pick<Settings<"deliver">, "DELIVERY_PARAMETERS" | "DELIVERY_RULES">;
  readonly telemetry: Telemetry;
  readonly parameter: ReadParameter;
  readonly adapters: Adapters;
  readonly store: DeliveryStore;
  readonly deadLetters: DeadLetters;
  /** Has a received message come again, in seconds from now. */
  readonly postpone: (queue: string, receiptHandle: string, seconds: number) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Between 0 and 1. */
  readonly chance: () => number;
}

/** Milliseconds for which settings count as they were read. */
export const FRESH_MS = 60_000;

/** Delivers messages of the queue of one operator's delivery, to which its parameter says how. */
export function createHandler(deps: DeliverDeps) {
  const { environment, telemetry, parameter, now } = deps;
  const settingsOf = remembered(
    async (name) => parseJson(deliverySettings, await parameter(name), name),
    FRESH_MS,
    now,
  );
  return async (input: unknown): Promise<BatchReply> => {
    const { Records: records } = parseInput("deliver", input);
    // An event source mapping reads one queue.
    const queue = records[0].eventSourceARN;
    const settings = await settingsOf(`${environment.DELIVERY_PARAMETERS}${queue.split(":").at(-1)}`);
    const ports = portsOf(deps, settings, queue);

    const received: Received[] = [];
    for (const record of records) {
      const message = messageOf(record.body, settings.operatorId);
      if (message) received.push({ ...receiptOf(record), message });
      else await deps.deadLetters.bury(settings, record.body, "it is no event that this operator gets");
    }
    const { steps, opened } = await deliver(received, environment.DELIVERY_RULES, ports);

    const count = (is: (step: Step) => boolean) => [...steps.values()].filter(is).length;
    const delivered = count(({ message }) => message === "delivered");
    const { operatorId, name, kind } = settings;
    telemetry.info("delivered", { operatorId, delivery: name, messages: records.length, delivered, opened });
    telemetry.measure("delivery", kind, {
      Delivered: delivered,
      DeliveryErrors: count(({ receiver }) => receiver === "fails"),
      CircuitsOpened: opened ? 1 : 0,
    });
    return deliverAgain(records.filter(({ messageId }) => steps.get(messageId)?.message === "again"));
  };
}

function portsOf(deps: DeliverDeps, settings: DeliverySettings, queue: string): DeliveryPorts {
  const { store, telemetry, adapters, postpone, deadLetters, now, chance } = deps;
  const key = deliveryKey(settings);
  const { operatorId, name } = settings;
  return {
    adapter: adapterOf(adapters, settings),
    circuit: () => store.circuit(key),
    follow: (seen, next) => store.follow(key, seen, next),
    claim: (event, messageId, nowMs, untilMs) => store.claim(key, event, messageId, nowMs, untilMs),
    delivered: (event, nowMs) => store.delivered(key, event, nowMs),
    postpone: ({ receiptHandle }, seconds) => postpone(queue, receiptHandle, seconds),
    giveUp: async ({ message, ...received }, reason) => {
      const { id: eventId, playerId } = message;
      const { kind } = await store.claim(key, eventId, received.messageId, now(), now());
      // Its double has been delivered while it waited.
      if (kind === "delivered") return;
      await deadLetters.giveUp(settings, { ...received, eventId, playerId }, reason);
    },
    onError: (step, error) =>
      telemetry.error("a message was left in its queue", {
        operatorId,
        delivery: name,
        step,
        reason: errorName(error),
      }),
    now,
    chance,
  };
}
