import { decision } from "../../../contracts/player-requests";
import type { RoutedEvent } from "../../lib/http/api-gateway";
import { jsonBody } from "../../lib/http/body";
import { Refusal } from "../../lib/http/problem";
import { parsed, queryOf } from "../../lib/http/query";
import type { DecideReview } from "../../lib/interventions/player-store";

const REVIEW = /^[0-9a-f]{32}$/;
const MOST_BYTES = 10_000;

/** Reads which review the path names. One that cannot exist is refused as one that does not. */
export function reviewOf(event: RoutedEvent, route: "showReview" | "decideReview"): string {
  queryOf(event, route);
  const review = event.pathParameters?.review ?? "";
  if (!REVIEW.test(review)) throw noSuchReview();
  return review;
}

export const noSuchReview = () => new Refusal("no-such-review", "your operator has no review with this id");

/** Reads what a reviewer decides; a level belongs to a change, and to nothing else. */
export function decisionOf(event: RoutedEvent): Omit<DecideReview, "by"> {
  const { decision: verdict, ...decided } = parsed(decision, jsonBody(event, MOST_BYTES), "the decision");
  if ((verdict === "change") !== (decided.level !== undefined)) {
    const message =
      verdict === "change" ? "is missing; send the level to change to" : "belongs to a change; leave it out";
    throw new Refusal("bad-request", "the decision cannot be used", [{ pointer: "/level", message }]);
  }
  return { verdict, ...decided };
}
