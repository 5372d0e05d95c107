import { createHash } from "node:crypto";
import type { PlayerKey } from "../../../catalogue/interventions/evidence";
import type { ProxyResult, RoutedEvent } from "../../lib/http/api-gateway";
import type { ClientOperators } from "../../lib/http/client";
import { jsonResponse, notModified, Refusal } from "../../lib/http/problem";
import { pageOf, queryOf } from "../../lib/http/query";
import { byRoute } from "../../lib/http/routes";
import type { PlayerStore } from "../../lib/interventions/player-store";
import { asRefusal } from "../../lib/interventions/refusals";
import { changeView, playerView, restrictionsView } from "../../lib/interventions/views";
import { changesOf, contestOf, declarationOf, has, playerOf } from "./request";

export interface Ports {
  readonly store: Pick<PlayerStore, "read" | "declare" | "contest" | "history" | "changes">;
  readonly clients: ClientOperators;
  readonly now: () => Date;
}

/**
 * Milliseconds within which a change may still come to the index of changes with an earlier time than others that are
 * there: a writer notes the time, and then reads and writes with three tries of five seconds each. No page reaches
 * further, so that none is missed by whoever goes on from its end.
 */
const SETTLES_IN = 60_000;

/** Answers a client about its operators' players; a `Refusal` is thrown. */
export const respond = byRoute<"players", Ports, ProxyResult>({
  showRestrictions,
  showPlayer,
  listPlayers,
  showHistory,
  contest,
  declare,
});

/** Answers what must be enforced now. A player of whom nothing is known has no restrictions. */
async function showRestrictions({ store, clients, now }: Ports, event: RoutedEvent): Promise<ProxyResult> {
  const player = playerOf(event, clients, "showRestrictions");
  const { requestId } = event.requestContext;
  const body = restrictionsView(player, await store.read(player), now().toISOString());
  const etag = `"${createHash("sha256").update(JSON.stringify(body)).digest("hex").slice(0, 32)}"`;
  // Whoever has it asks again each time, which is cheap, because what holds may change at any moment.
  const headers = { etag, "cache-control": "private, no-cache" };
  return has(event, etag) ? notModified(requestId, headers) : jsonResponse(200, body, requestId, headers);
}

async function showPlayer({ store, clients, now }: Ports, event: RoutedEvent): Promise<ProxyResult> {
  const player = playerOf(event, clients, "showPlayer");
  const state = await store.read(player);
  if (!state) throw new Refusal("no-such-player", "nothing is known of a player with this id");
  return jsonResponse(200, playerView(player, state, now().toISOString()), event.requestContext.requestId);
}

async function listPlayers({ store, clients, now }: Ports, event: RoutedEvent): Promise<ProxyResult> {
  const at = now();
  const { operatorId, ...page } = changesOf(event, clients, at.toISOString());
  const { items, next } = await store.changes(operatorId, page);
  const changedUntil = new Date(at.getTime() - SETTLES_IN).toISOString();
  const settled = items.filter(({ changedAt }) => changedAt <= changedUntil);
  const players = settled.map(({ playerId, changedAt, state }) => ({
    changedAt,
    ...playerView({ operatorId, playerId }, state, at.toISOString()),
  }));
  const goesOn = next !== undefined && settled.length === items.length;
  return jsonResponse(200, { players, changedUntil, ...(goesOn && { next }) }, event.requestContext.requestId);
}

async function showHistory({ store, clients }: Ports, event: RoutedEvent): Promise<ProxyResult> {
  const player = playerOf(event, clients, "showHistory");
  const { items, next } = await store.history(player, pageOf(queryOf(event, "showHistory")));
  const answer = { ...player, changes: items.map(changeView), ...(next !== undefined && { next }) };
  return jsonResponse(200, answer, event.requestContext.requestId);
}

async function contest(ports: Ports, event: RoutedEvent): Promise<ProxyResult> {
  const player = playerOf(event, ports.clients, "contest");
  const { state } = await ports.store.contest(player, contestOf(event)).catch(asRefusal);
  return changed(ports, event, player, state);
}

async function declare(ports: Ports, event: RoutedEvent): Promise<ProxyResult> {
  const player = playerOf(event, ports.clients, "declare");
  const { state } = await ports.store.declare(player, declarationOf(event, ports.now().toISOString())).catch(asRefusal);
  return changed(ports, event, player, state);
}

const changed = ({ now }: Ports, event: RoutedEvent, player: PlayerKey, state: Parameters<typeof playerView>[1]) =>
  jsonResponse(200, playerView(player, state, now().toISOString()), event.requestContext.requestId);
