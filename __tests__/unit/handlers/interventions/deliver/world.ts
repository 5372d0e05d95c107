import { createHash } from "node:crypto";
import { envelopeOf } from "../../../../../contracts/bus";
import { type DeliverySettings, deliveryKey } from "../../../../../contracts/deliveries";
import type { EventDetail } from "../../../../../contracts/events";
import { type Circuit, CLOSED } from "../../../../../handlers/interventions/deliver/circuit";
import { createHandler, type DeliverDeps } from "../../../../../handlers/interventions/deliver/handler";
import type { DeliveryStore } from "../../../../../handlers/interventions/deliver/store";
import { deadLettersOf } from "../../../../../handlers/lib/deliveries/dead-letters";
import type { Telemetry } from "../../../../../handlers/lib/util/telemetry";

export const START = Date.UTC(2026, 10, 26);
const QUEUE = "arn:aws:sqs:eu-west-1:000000000000:vwt-local-delivery-operator-a-wallet";
const VISIBILITY_MS = 360_000;

export const RULES = {
  retries: { first: 5, longest: 900, within: 3_600 },
  connectSeconds: 1,
  callSeconds: 1,
  circuit: { failures: 5, open: 30, longest: 900 },
};

const idOf = (what: string) => createHash("sha256").update(what).digest("hex").slice(0, 32);

/** An event as EventBridge puts it into a queue. */
export function event(player: number): { readonly id: string; readonly body: string } {
  const id = idOf(`event ${player}`);
  const detail: EventDetail<"InterventionDecided"> = {
    version: 1,
    id,
    at: new Date(START).toISOString(),
    operatorId: "operator-a",
    playerId: `player-${player}`,
    sequence: 1,
    cause: "assessment",
    level: 2,
    previousLevel: 0,
    restrictions: { marketingStop: true },
    since: new Date(START).toISOString(),
    reasons: ["night-play"],
    assessments: [idOf("assessment")],
    policy: { name: "uk", version: 1 },
    audit: { sequence: 1, hash: "0".repeat(64) },
  };
  return { id, body: envelopeOf({ name: "InterventionDecided", detail }) };
}

interface Queued {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt: number;
  receives: number;
  visibleAt: number;
}

/** The table of deliveries in memory; `store.test.ts` holds the requests of the real one to it. */
function tableInMemory(): DeliveryStore & { readonly circuits: Map<string, Circuit> } {
  const circuits = new Map<string, Circuit>();
  const versions = new Map<string, number>();
  const marks = new Map<string, { message: string; heldUntil: number; delivered?: true }>();
  return {
    circuits,
    circuit: async (key) => ({ circuit: circuits.get(key) ?? CLOSED, version: versions.get(key) ?? 0 }),
    follow: async (key, { version }, next) => {
      if ((versions.get(key) ?? 0) !== version) return undefined;
      circuits.set(key, next);
      versions.set(key, version + 1);
      return { circuit: next, version: version + 1 };
    },
    claim: async (key, id, message, nowMs, untilMs) => {
      const held = marks.get(key + id);
      if (held?.delivered) return { kind: "delivered" };
      if (held && held.message !== message && held.heldUntil >= nowMs) return { kind: "held", untilMs: held.heldUntil };
      marks.set(key + id, { message, heldUntil: untilMs });
      return { kind: "mine" };
    },
    delivered: async (key, id) => {
      marks.set(key + id, { message: "", heldUntil: 0, delivered: true });
    },
  };
}

/** A delivery's queue with its dead letters, the table, and the function that delivers, in a time of their own. */
export function world(
  settings: DeliverySettings,
  adapters: DeliverDeps["adapters"],
  telemetry: Telemetry,
  rules = RULES,
) {
  let now = START;
  let sent = 0;
  let queue: Queued[] = [];
  let dead: { readonly body: string; readonly reason: string }[] = [];
  const handles = new Map<string, Queued>();
  const published: EventDetail<"DeliveryFailed">[] = [];
  const store = tableInMemory();
  const handler = createHandler({
    environment: { DELIVERY_PARAMETERS: "/vwt/local/deliveries/", DELIVERY_RULES: rules },
    telemetry,
    parameter: async (name) => {
      if (name !== "/vwt/local/deliveries/vwt-local-delivery-operator-a-wallet") throw new Error(name);
      return JSON.stringify(settings);
    },
    adapters,
    store,
    deadLetters: deadLettersOf({
      telemetry,
      send: async (_, { MessageBody = "", MessageAttributes }) => {
        dead.push({ body: MessageBody, reason: MessageAttributes?.reason?.StringValue ?? "" });
      },
      putEvents: async (events) => {
        for (const { name, detail } of events) if (name === "DeliveryFailed") published.push(detail);
        return [];
      },
      now: () => now,
    }),
    postpone: async (_, handle, seconds) => {
      const message = handles.get(handle);
      if (!Number.isInteger(seconds) || seconds > 43_200) throw new Error(`SQS refuses ${seconds}`);
      if (message) message.visibleAt = now + seconds * 1000;
    },
    now: () => now,
    chance: () => 0.5,
  });

  const send = (...bodies: readonly string[]) => {
    for (const body of bodies)
      queue.push({ messageId: `message-${++sent}`, body, sentAt: now, receives: 0, visibleAt: now });
  };
  /** Reads a batch as an event source mapping does. */
  const invoke = async (batch: readonly Queued[]) => {
    const Records = batch.map((message) => {
      message.receives += 1;
      message.visibleAt = now + VISIBILITY_MS;
      const receiptHandle = `${message.messageId}/${message.receives}`;
      handles.set(receiptHandle, message);
      const attributes = {
        ApproximateReceiveCount: String(message.receives),
        SentTimestamp: String(message.sentAt),
      };
      return { messageId: message.messageId, receiptHandle, body: message.body, eventSourceARN: QUEUE, attributes };
    });
    const { batchItemFailures } = await handler({ Records });
    const kept = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    queue = queue.filter((message) => !batch.includes(message) || kept.has(message.messageId));
  };
  return {
    send,
    store,
    /** Delivers in batches of ten, two at once, until the queue is empty or the time is over. */
    async run(seconds: number): Promise<void> {
      const end = now + seconds * 1000;
      while (queue.length > 0) {
        const due = queue.filter(({ visibleAt }) => visibleAt <= now);
        if (due.length > 0) {
          await Promise.all([due.slice(0, 10), due.slice(10, 20)].filter((batch) => batch.length > 0).map(invoke));
        } else {
          const next = Math.min(...queue.map(({ visibleAt }) => visibleAt));
          if (next > end) break;
          now = next;
        }
      }
      now = Math.max(now, queue.length > 0 ? end : now);
    },
    /** Sends the dead letters again, as SQS does: as new messages. */
    redrive(): void {
      send(...dead.map(({ body }) => body));
      dead = [];
    },
    queued: () => queue.length,
    dead: () => dead,
    published,
    circuit: () => store.circuits.get(deliveryKey(settings)) ?? CLOSED,
    seconds: () => (now - START) / 1000,
    minutes: () => Math.round((now - START) / 60_000),
  };
}
