import type { ProxyResult, RoutedEvent } from "../../lib/http/api-gateway";
import { memberOf } from "../../lib/http/member";
import { jsonResponse } from "../../lib/http/problem";
import { pageOf, queryOf } from "../../lib/http/query";
import { byRoute } from "../../lib/http/routes";
import type { PlayerStore } from "../../lib/interventions/player-store";
import { asRefusal } from "../../lib/interventions/refusals";
import { changeView, playerView, reviewView } from "../../lib/interventions/views";
import { decisionOf, noSuchReview, reviewOf } from "./request";

export interface Ports {
  readonly store: Pick<PlayerStore, "read" | "history" | "review" | "openReviews" | "decideReview">;
  readonly now: () => Date;
}

/** Changes of a player that are shown with a review; the route of the player's history has all. */
const CHANGES_SHOWN = 20;

/** Answers a reviewer; a `Refusal` is thrown. */
export const respond = byRoute<"reviews", Ports, ProxyResult>({ listReviews, showReview, decideReview });

async function listReviews({ store, now }: Ports, event: RoutedEvent): Promise<ProxyResult> {
  const { operatorId } = memberOf(event, "reviewers");
  const { items, next } = await store.openReviews(operatorId, pageOf(queryOf(event, "listReviews")));
  const reviews = items.map((review) => reviewView(review, now().toISOString()));
  return jsonResponse(200, { reviews, ...(next !== undefined && { next }) }, event.requestContext.requestId);
}

/** Answers a review with all that a person needs to decide: what models said, why, and what was before. */
async function showReview({ store, now }: Ports, event: RoutedEvent): Promise<ProxyResult> {
  const { operatorId } = memberOf(event, "reviewers");
  const review = await store.review(operatorId, reviewOf(event, "showReview"));
  if (!review) throw noSuchReview();
  const player = { operatorId, playerId: review.playerId };
  const [state, history] = await Promise.all([store.read(player), store.history(player, { limit: CHANGES_SHOWN })]);
  const at = now().toISOString();
  const answer = {
    ...reviewView(review, at),
    ...(state && { player: playerView(player, state, at) }),
    history: history.items.map(changeView),
  };
  return jsonResponse(200, answer, event.requestContext.requestId);
}

async function decideReview({ store, now }: Ports, event: RoutedEvent): Promise<ProxyResult> {
  const { operatorId, id: by } = memberOf(event, "reviewers");
  const id = reviewOf(event, "decideReview");
  const decided = await store.decideReview(operatorId, id, { ...decisionOf(event), by }).catch(asRefusal);
  const answer = { status: decided.status, review: reviewView(decided.review, now().toISOString()) };
  return jsonResponse(200, answer, event.requestContext.requestId);
}
