import type { PlayerKey } from "../../../catalogue/interventions/evidence";
import { RISK_GROUPS, type RiskGroup } from "../../../catalogue/risk/risk";
import { oneOf } from "../../../contracts/parse";
import { PSEUDONYM } from "../../../contracts/people";
import { contest, type Declared, declaration, instant } from "../../../contracts/player-requests";
import type { RoutesOf } from "../../../contracts/routes";
import { header, type RoutedEvent } from "../../lib/http/api-gateway";
import { jsonBody } from "../../lib/http/body";
import { type ClientOperators, operatorOf } from "../../lib/http/client";
import { Refusal } from "../../lib/http/problem";
import { pageOf, parameterOf, parsed, queryOf } from "../../lib/http/query";

const MOST_BYTES = 10_000;
/** Long before any change. */
const EVER = "1970-01-01T00:00:00.000Z";

/**
 * Reads whom a request is about. An id that no player can have is refused and not taken for a player without restrictions:
 * it would be one whose id was written wrong.
 */
export function playerOf(event: RoutedEvent, clients: ClientOperators, route: RoutesOf<"players">): PlayerKey {
  const operatorId = operatorOf(event, clients, queryOf(event, route).operator);
  const playerId = decoded(event.pathParameters?.playerId ?? "");
  if (!PSEUDONYM.test(playerId)) {
    throw new Refusal("bad-request", "the path must name a player as records do: 1 to 128 of A-Z, a-z, 0-9 and ._:-");
  }
  return { operatorId, playerId };
}

/** Clients may write the colon of a pseudonym as `%3A`; no pseudonym has a percent sign. */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

export interface ChangesWanted {
  readonly operatorId: string;
  readonly since: string;
  readonly group?: RiskGroup;
  readonly limit: number;
  readonly after?: string;
}

export function changesOf(event: RoutedEvent, clients: ClientOperators, now: string): ChangesWanted {
  const query = queryOf(event, "listPlayers");
  const operatorId = operatorOf(event, clients, query.operator);
  const since = parameterOf(query, "changedSince", instant) ?? EVER;
  if (since > now) {
    throw new Refusal("bad-request", "changedSince is to come; send the changedUntil of the last answer");
  }
  const group = parameterOf(query, "group", oneOf(...RISK_GROUPS));
  return { operatorId, since, ...(group && { group }), ...pageOf(query) };
}

/** Reads what a player declared. Throws a `Refusal` for nothing at all, and for an exclusion that is over. */
export function declarationOf(event: RoutedEvent, now: string): Declared {
  const declared = parsed(declaration, jsonBody(event, MOST_BYTES), "the declaration");
  if (Object.keys(declared).length === 0) {
    throw new Refusal("bad-request", "declare at least one of limits, selfExclusion and marketingConsent");
  }
  const until = declared.selfExclusion?.until;
  if (typeof until === "string" && until <= now) {
    const message = "is over; send an instant to come, or null for ever";
    throw new Refusal("bad-request", "the declaration cannot be used", [{ pointer: "/selfExclusion/until", message }]);
  }
  return declared;
}

/** Reads why a player contests; an empty body gives no reason. */
export const contestOf = (event: RoutedEvent): string | undefined =>
  event.body ? parsed(contest, jsonBody(event, MOST_BYTES), "the contest").text : undefined;

/**
 * Says whether a client has this very answer, by `If-None-Match` (RFC 9110, 13.1.2). What is no list of tags matches
 * nothing, so that the answer is sent.
 */
export function has(event: RoutedEvent, etag: string): boolean {
  const sent = header(event, "if-none-match")?.trim();
  if (sent === undefined) return false;
  return sent === "*" || sent.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
