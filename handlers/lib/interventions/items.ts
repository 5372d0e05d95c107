import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { PlayerKey } from "../../../catalogue/interventions/evidence";
import type { EvidenceLog, State } from "../../../catalogue/interventions/fold";
import type { MarketingStanding } from "../../../catalogue/interventions/marketing";
import { oneOf, optional } from "../../../contracts/parse";
import { type Item, N, numberOf, S, textOf } from "../aws/items";
import type { Change, ChangedPlayer, Review } from "./player-store";

/** Items of the table of players, and how they are written: docs/interventions.md, "Table". */

/** Raised when an item is written in another way; no function reads an item of another format than its own. */
const FORMAT = 2;

/** Hexadecimal digits by which an id is made of what it names. */
export const idOf = (...parts: readonly (string | number)[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);

// Neither operators nor players have these characters in their ids.
const partitionOf = ({ operatorId, playerId }: PlayerKey): string => `${operatorId}|${playerId}`;

export const stateKey = (player: PlayerKey): Item => ({ player: S(partitionOf(player)), item: S("state") });

export const marketingKey = (player: PlayerKey): Item => ({ player: S(partitionOf(player)), item: S("marketing") });

/** The item of what a player's state says of marketing, which is read with every prediction, and so is small. */
export const marketingItem = (player: PlayerKey, { stop, consent }: MarketingStanding): Item => ({
  ...marketingKey(player),
  ...(stop && { stop: S(stop) }),
  ...(consent !== undefined && { consent: { BOOL: consent } }),
});

const marketingStop = optional(oneOf("risk", "intervention", "self-exclusion"));

/** Reads what `marketingItem` wrote. Throws for a reason that this code does not know. */
export function toMarketing(item: Item): PlayerKey & { readonly standing: MarketingStanding } {
  const stop = marketingStop(item.stop?.S);
  const consent = item.consent?.BOOL;
  const standing = { ...(stop && { stop }), ...(consent !== undefined && { consent }) };
  return { ...partitionPlayer(textOf(item, "player")), standing };
}

export const CHANGES = "change#";
const SEQUENCE_DIGITS = 10;
export const sequenceText = (sequence: number): string => String(sequence).padStart(SEQUENCE_DIGITS, "0");
export const changeKey = (player: PlayerKey, sequence: string): Item => ({
  player: S(partitionOf(player)),
  item: S(`${CHANGES}${sequence}`),
});

/** Finds whom the partition of a player's item is of. */
function partitionPlayer(partition: string): PlayerKey {
  const [operatorId = "", playerId = ""] = partition.split("|");
  return { operatorId, playerId };
}

/** Finds which change a key is of; none of an item of another kind. */
export const refOf = (player: string, item: string): (PlayerKey & { readonly sequence: string }) | undefined =>
  item.startsWith(CHANGES) ? { ...partitionPlayer(player), sequence: item.slice(CHANGES.length) } : undefined;

/** A review has a partition of its own, so that whoever knows its id finds it. */
export const reviewKey = (operatorId: string, review: string): Item => ({
  player: S(`${operatorId}|#${review}`),
  item: S(`review#${review}`),
});

/** What the table knows of a player. */
export interface StoredPlayer {
  /** Counts the writes. */
  readonly version: number;
  /** Sequence of the last change. */
  readonly changes: number;
  readonly state: State;
  readonly log: EvidenceLog;
  readonly changedAt: string;
}

/**
 * The item of what holds of a player. Evidence is compressed: a write costs by the kilobyte, and a hundred assessments
 * are 60 kB as text and 10 kB so.
 */
export function stateItem({ operatorId, playerId }: PlayerKey, stored: StoredPlayer): Item {
  const { version, changes, state, log, changedAt } = stored;
  return {
    ...stateKey({ operatorId, playerId }),
    format: N(FORMAT),
    operatorId: S(operatorId),
    playerId: S(playerId),
    version: N(version),
    changes: N(changes),
    risk: S(state.risk),
    state: S(JSON.stringify(state)),
    evidence: { B: deflateRawSync(JSON.stringify(log)) },
    changedOperator: S(operatorId),
    changedAt: S(`${changedAt}#${playerId}`),
  };
}

/** Reads what `stateItem` wrote. */
export function toStored(item: Item): StoredPlayer {
  return {
    version: numberOf(item, "version"),
    changes: numberOf(item, "changes"),
    state: toState(item),
    log: JSON.parse(String(inflateRawSync(item.evidence?.B ?? Buffer.of()))) as EvidenceLog,
    changedAt: toChangedAt(item),
  };
}

/** Throws for an item that this code did not write, which makes reading it in its own form right. */
export function toState(item: Item): State {
  const format = numberOf(item, "format");
  if (format !== FORMAT) throw new Error(`the player's item has format ${format}; this code reads format ${FORMAT}`);
  return JSON.parse(textOf(item, "state")) as State;
}

export const toChangedAt = (item: Item): string => textOf(item, "changedAt").split("#")[0] ?? "";

/** Attributes that `toChangedPlayer` reads. */
export const CHANGED_PLAYER = ["format", "playerId", "changedAt", "state"] as const;

export const toChangedPlayer = (item: Item): ChangedPlayer => ({
  playerId: textOf(item, "playerId"),
  changedAt: toChangedAt(item),
  state: toState(item),
});

export const changeItem = (player: PlayerKey, sequence: number, { name, detail }: Change): Item => ({
  ...changeKey(player, sequenceText(sequence)),
  operatorId: S(player.operatorId),
  name: S(name),
  event: S(JSON.stringify(detail)),
});

export function toChange(item: Item): Change {
  const audit = item.audit?.M;
  return {
    name: textOf(item, "name"),
    detail: JSON.parse(textOf(item, "event")),
    ...(audit && { audit: { sequence: numberOf(audit, "sequence"), hash: textOf(audit, "hash") } }),
  } as Change;
}

export interface StoredReview {
  /** Counts the writes. */
  readonly version: number;
  readonly review: Review;
}

const reviewDue = ({ due, id }: Pick<Review, "due" | "id">): string => `${due}#${id}`;

/** The item of a review; it is in the index of open ones while it has the index's key. */
export const reviewItem = (operatorId: string, { version, review }: StoredReview): Item => ({
  ...reviewKey(operatorId, review.id),
  version: N(version),
  review: S(JSON.stringify(review)),
  ...(review.status === "open" && { reviewOperator: S(operatorId), reviewDue: S(reviewDue(review)) }),
});

export const toReview = (item: Item): StoredReview => ({
  version: numberOf(item, "version"),
  review: JSON.parse(textOf(item, "review")) as Review,
});
