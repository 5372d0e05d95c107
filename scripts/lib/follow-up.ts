import { BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import type { PlayerKey } from "../../catalogue/interventions/evidence";
import { enforcedAt, type State } from "../../catalogue/interventions/fold";
import { chosenRules } from "../../config/schema/operators";
import { DELIVERED_EVENTS, deliveryKey } from "../../contracts/deliveries";
import { operatorRules } from "../../handlers/lib/interventions/rules";
import { createPlayerStore } from "../../handlers/lib/interventions/store";
import { deadLettersOf, deliveryName } from "../../modules/base/naming";
import { chainsOf, compareDelivery } from "./chain-deliveries";
import { type Delivery, deliveriesOf } from "./deliveries";
import { sleep } from "./process";
import { depthOf } from "./queues";
import { table } from "./table";
import type { Target } from "./target";

/** What became of the events of some players at one end. */
interface Reached {
  readonly delivery: Delivery;
  readonly events: number;
  readonly delivered: number;
  readonly deadLetters: number;
}

export interface FollowUp {
  readonly players: readonly { readonly player: PlayerKey; readonly state: State | undefined }[];
  readonly reached: readonly Reached[];
}

/** Events of one player that are looked at. */
const MOST_EVENTS = 100;
/** Keys of one BatchGetItem. */
const BATCH = 100;
/** Time for what follows the predictions of a batch; what takes longer is shown as it is then. */
const PATIENCE_MS = 20_000;

/** Looks at what the predictions of some players led to, once all of it has arrived or for as long as is sensible. */
export async function followUp(target: Target, all: readonly PlayerKey[]): Promise<FollowUp> {
  const keys = new Map(all.map(({ operatorId, playerId }) => [`${operatorId} ${playerId}`, { operatorId, playerId }]));
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(500)) {
    const found = await look(target, [...keys.values()]);
    const isOver =
      found.players.every(({ state }) => state !== undefined) &&
      found.reached.every(({ events, delivered, deadLetters }) => delivered + deadLetters >= events);
    if (isOver || Date.now() > deadline) return found;
  }
}

async function look(target: Target, keys: readonly PlayerKey[]): Promise<FollowUp> {
  const { config, dynamodb, naming } = target;
  const store = createPlayerStore({
    client: dynamodb,
    table: naming.of("table", "players"),
    rulesOf: operatorRules(new Map(Object.entries(chosenRules(config.operators)))),
    now: Date.now,
  });
  const delivered = new Set<string>(DELIVERED_EVENTS);
  const players = await Promise.all(
    keys.map(async (player) => {
      const { items } = await store.history(player, { limit: MOST_EVENTS });
      const events = items.flatMap(({ name, detail }) => (delivered.has(name) ? [{ name, id: detail.id }] : []));
      return { player, state: await store.read(player), events };
    }),
  );
  const reached = await Promise.all(
    deliveriesOf(config).map(async (delivery): Promise<Reached> => {
      const own = players.flatMap(({ player, events }) => (player.operatorId === delivery.operatorId ? events : []));
      // A chain has no use for what is about marketing.
      const sent = delivery.kind === "chain" ? own.filter(({ name }) => name !== "MarketingSuppressed") : own;
      const dead = naming.of("queue", deadLettersOf(deliveryName(delivery)));
      return {
        delivery,
        events: sent.length,
        delivered: await (delivery.kind === "chain" ? recordedOf : markedOf)(
          target,
          delivery,
          sent.map(({ id }) => id),
        ),
        deadLetters: (await depthOf(target.sqs, naming.queueUrl(dead))).waiting,
      };
    }),
  );
  return { players, reached };
}

/** Counts the events that a delivery has marked as delivered. */
async function markedOf({ dynamodb, naming }: Target, delivery: Delivery, events: readonly string[]): Promise<number> {
  const tableName = naming.of("table", "deliveries");
  let found = 0;
  for (let start = 0; start < events.length; start += BATCH) {
    const Keys = events.slice(start, start + BATCH).map((id) => ({ item: { S: `${deliveryKey(delivery)}#${id}` } }));
    const { Responses } = await dynamodb.send(new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys } } }));
    found += (Responses?.[tableName] ?? []).filter(({ deliveredAt }) => deliveredAt !== undefined).length;
  }
  return found;
}

/** Counts the events that a chain has as the operator's audit log has them. */
async function recordedOf(target: Target, { operatorId, name }: Delivery, events: readonly string[]): Promise<number> {
  const chain = chainsOf(target.config, operatorId).find((each) => each.name === name);
  return chain ? (await compareDelivery(target, chain, ({ id }) => events.includes(id))).same : 0;
}

/** Writes a follow-up: players with an intervention, and how the events about players got to their operators. */
export function followUpTable({ players, reached }: FollowUp): string {
  const now = new Date().toISOString();
  const held = players.flatMap(({ player, state }) => (state ? [{ player, state, ...enforcedAt(state, now) }] : []));
  const raised = held.filter(({ restrictions }) => Object.keys(restrictions).length > 0);
  const waiting = players.length - held.length;
  return [
    table(
      ["player", "operator", "risk", "level", "what holds", "review"],
      raised.map(({ player, state, level, restrictions }) => [
        player.playerId,
        player.operatorId,
        state.risk,
        level,
        Object.keys(restrictions).join(", "),
        state.review ? "waits" : "",
      ]),
    ),
    `${held.length - raised.length} others: nothing is restricted${waiting > 0 ? `; ${waiting} are not assessed yet` : ""}`,
    "",
    table(
      ["delivery", "kind", "events", "delivered", "dead letters"],
      reached.map(({ delivery, events, delivered, deadLetters }) => [
        deliveryKey(delivery),
        delivery.kind,
        events,
        delivered,
        deadLetters,
      ]),
    ),
  ].join("\n");
}
