import { isDeepStrictEqual } from "node:util";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Contest, Decision, Declaration, Evidence, PlayerKey } from "../../../catalogue/interventions/evidence";
import {
  enforcedAt,
  fold,
  NO_EVIDENCE,
  type Outcome,
  type State,
  withEntry,
} from "../../../catalogue/interventions/fold";
import { hoursAfter } from "../../../catalogue/interventions/instants";
import { marketingOf } from "../../../catalogue/interventions/marketing";
import { afterDeclaring, LEAST_EXCLUSION_HOURS } from "../../../catalogue/interventions/own";
import type { Rules } from "../../../catalogue/interventions/policy";
import { batchGet } from "../aws/batch-get";
import { type Item, names, S, spread, textOf } from "../aws/items";
import { changesOf, differs } from "./changes";
import {
  CHANGED_PLAYER,
  CHANGES,
  changeItem,
  idOf,
  marketingItem,
  reviewItem,
  reviewKey,
  type StoredPlayer,
  type StoredReview,
  sequenceText,
  stateItem,
  stateKey,
  toChange,
  toChangedAt,
  toChangedPlayer,
  toReview,
  toState,
  toStored,
} from "./items";
import { type Applied, type DecideReview, PlayerRefused, type PlayerStore, type Review } from "./player-store";
import { levelOf, opening, withContest } from "./reviews";
import { indexQuery, playerTable, type VersionedPut } from "./table";

export interface PlayerStoreDeps {
  readonly client: DynamoDBClient;
  /** Name of the table. */
  readonly table: string;
  readonly rulesOf: (operatorId: string) => Rules;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Waits before a try that follows a lost race. */
  readonly pause?: (attempt: number) => Promise<void>;
}

/** Tries of a write that loses its races, and the pause by its number from which pauses grow no more. */
const TRIES = 12;
const LONGEST_PAUSE = 4;

/** What a person says, before the store gives it an id and its time. */
type Said<E> = Omit<E, "id" | "at">;

type Touch = (review: Review) => Review;

/** The table of players: what holds of each, the changes that led to it, and the reviews. */
export function createPlayerStore({ client, table: name, rulesOf, now, pause = spread }: PlayerStoreDeps): PlayerStore {
  const table = playerTable(client, name);

  const read = async <T>(key: Item, to: (item: Item) => T): Promise<T | undefined> => {
    const item = await table.get(key);
    return item && to(item);
  };
  const stored = (player: PlayerKey): Promise<StoredPlayer | undefined> => read(stateKey(player), toStored);
  const storedReview = (operatorId: string, id: string): Promise<StoredReview | undefined> =>
    read(reviewKey(operatorId, id), toReview);

  /** Tries until something comes of it; what loses its race comes to nothing. */
  async function until<T>(attemptOnce: () => Promise<T | undefined>): Promise<T> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      if (attempt > 0) await pause(Math.min(attempt, LONGEST_PAUSE));
      const result = await attemptOnce();
      if (result !== undefined) return result;
    }
    throw new PlayerRefused("contended");
  }

  /** Opens, closes and touches reviews along with the state. */
  async function reviewPuts(
    { operatorId, playerId }: PlayerKey,
    before: State | undefined,
    after: State,
    touch: Touch | undefined,
  ): Promise<readonly VersionedPut[]> {
    const other = before?.level !== after.level || before.risk !== after.risk;
    const same = !other && isDeepStrictEqual(before?.review, after.review);
    if (same && touch === undefined) return [];
    const ids = new Set([before?.review?.id, after.review?.id].filter((id) => id !== undefined));
    const puts = [...ids].map(async (id): Promise<readonly VersionedPut[]> => {
      const known = await storedReview(operatorId, id);
      const { version, review } = known ?? {
        version: 0,
        review: opening(id, playerId, new Date(now()).toISOString(), rulesOf(operatorId).policy),
      };
      // What one person proposed was about another level or risk.
      const { proposal: _, ...unproposed } = review;
      const next: Review =
        id === after.review?.id
          ? { ...(other ? unproposed : review), status: "open", level: after.level, contested: after.review.contested }
          : { ...review, status: "superseded" };
      const touched = touch ? touch(next) : next;
      if (isDeepStrictEqual(touched, known?.review)) return [];
      return [{ after: version, item: reviewItem(operatorId, { version: version + 1, review: touched }) }];
    });
    return (await Promise.all(puts)).flat();
  }

  /**
   * Adds evidence: reads, folds, and writes the state, its changes and reviews at once, again when somebody else wrote
   * in between. `entriesFor` makes the entries of what is there; without any, nothing is written.
   */
  const commit = (
    player: PlayerKey,
    entriesFor: (before: StoredPlayer | undefined) => readonly Evidence[],
    touch?: Touch,
  ): Promise<Applied> =>
    until(async () => {
      const context = { rules: rulesOf(player.operatorId), player };
      const before = await stored(player);
      const entries = entriesFor(before);
      const outcomes: Outcome[] = [];
      let log = before?.log ?? NO_EVIDENCE;
      for (const entry of entries) {
        const added = withEntry(log, entry, context);
        log = added.log;
        outcomes.push(added.outcome);
      }
      if (before && log === before.log) return { state: before.state, outcomes, changes: [] };
      const state = fold(log, context);
      if (state === undefined) throw new RangeError("no evidence, no state");
      const at = new Date(now()).toISOString();
      const { version = 0, changes: last = 0, state: told } = before ?? {};
      const fresh = entries.filter((_, place) => outcomes[place] === "taken" || outcomes[place] === "late");
      const changes = changesOf({ player, before: told, after: state, entries: fresh, last, at });
      const changed = before === undefined || differs(told, state) || told?.risk !== state.risk;
      const next: StoredPlayer = {
        version: version + 1,
        changes: last + changes.length,
        state,
        log,
        changedAt: changed ? at : before.changedAt,
      };
      const written = await table.write([
        { after: version, item: stateItem(player, next) },
        ...marketingPuts(player, told, state),
        ...changes.map((change, place) => ({ after: 0, item: changeItem(player, last + place + 1, change) })),
        ...(await reviewPuts(player, told, state, touch)),
      ]);
      return written ? { state, outcomes, changes } : undefined;
    });

  /** Adds what a person says, which comes after everything that is known; nothing where `said` makes nothing. */
  const say = (
    player: PlayerKey,
    said: (state: State | undefined, at: string) => Said<Contest> | Said<Declaration> | Said<Decision> | undefined,
    touch?: Touch,
  ): Promise<Applied> =>
    commit(
      player,
      (before) => {
        const last = before?.log.entries.at(-1);
        const at = new Date(Math.max(now(), last ? Date.parse(last.at) + 1 : 0)).toISOString();
        const entry = said(before?.state, at);
        if (entry === undefined) return [];
        return [{ ...entry, at, id: idOf(entry.kind, player.operatorId, player.playerId, at) } as Evidence];
      },
      touch,
    );

  async function decideOnce(operatorId: string, id: string, decision: DecideReview) {
    const known = await storedReview(operatorId, id);
    if (known === undefined) throw new PlayerRefused("unknown-review");
    const { version, review } = known;
    if (review.status !== "open") throw new PlayerRefused("already-decided");
    const player = { operatorId, playerId: review.playerId };
    const state = await read(stateKey(player), toState);
    // Somebody writes both; they agree soon.
    if (state?.review?.id !== id) return undefined;
    const { policy } = rulesOf(operatorId);
    const { verdict, by, reason } = decision;
    const level = levelOf(decision, state, policy);
    const proposal = { ...decision, level };
    const { proposal: first, ...rest } = review;

    const { fourEyesFrom } = policy.review;
    const takesTwo = fourEyesFrom !== null && state.level >= fourEyesFrom && level < state.level;
    if (takesTwo && first?.by === by) throw new PlayerRefused("needs-another-person");
    if (takesTwo && (first?.verdict !== verdict || first.level !== level)) {
      const proposed: Review = { ...rest, proposal };
      const item = reviewItem(operatorId, { version: version + 1, review: proposed });
      const written = await table.write([{ after: version, item }]);
      return written ? ({ status: "awaits-second", review: proposed } as const) : undefined;
    }

    const at = new Date(now()).toISOString();
    const said = takesTwo && first ? { ...first, second: by, at } : { ...proposal, at };
    const decided: Review = { ...rest, status: "decided", decision: said };
    await say(
      player,
      (current) => {
        // The person decided about something else than what holds by now.
        if (current?.review?.id !== id || current.level !== state.level) throw new PlayerRefused("contended");
        const { risk: seen, held = "unknown" } = state;
        return { kind: "decision", review: id, verdict, level, seen, held, reason };
      },
      (each) => (each.id === id ? decided : each),
    );
    return { status: "decided", review: decided } as const;
  }

  return {
    read: (player) => read(stateKey(player), toState),

    apply: (player, entries) => commit(player, () => entries),

    declare: async (player, declaration) => {
      const { currency } = rulesOf(player.operatorId).policy;
      const { depositLimit, stakeLimit, lossLimit } = declaration.limits ?? {};
      for (const limit of [depositLimit, stakeLimit, lossLimit]) {
        if (limit && limit.currency !== currency) throw new PlayerRefused("wrong-currency");
      }
      const { selfExclusion, ...others } = declaration;
      const said = { ...others, ...(selfExclusion && { selfExclusion: { until: inUtc(selfExclusion.until) } }) };
      return say(player, (state, at) => {
        const until = said.selfExclusion?.until;
        if (until && !(state && covers(state, until)) && until < hoursAfter(at, LEAST_EXCLUSION_HOURS)) {
          throw new PlayerRefused("exclusion-too-short");
        }
        return state && saysNothingNew(state, said, at) ? undefined : { kind: "declaration", ...said };
      });
    },

    contest: (player, text) =>
      say(
        player,
        (state, at) => {
          if (state === undefined || enforcedAt(state, at).level === 0) throw new PlayerRefused("nothing-to-contest");
          return state.review?.contested && text === undefined ? undefined : { kind: "contest" };
        },
        (review) => (review.status === "open" && text !== undefined ? withContest(review, text) : review),
      ),

    decideReview: (operatorId, id, decision) => until(() => decideOnce(operatorId, id, decision)),

    review: async (operatorId, id) => (await storedReview(operatorId, id))?.review,

    openReviews: (operatorId, { limit, after }) =>
      table.page(
        indexQuery(REVIEWS, operatorId, after),
        limit,
        (item) => toReview(item).review,
        (item) => textOf(item, REVIEWS.range),
      ),

    history: (player, { limit, after }) =>
      table.page(
        {
          KeyConditionExpression: "#player = :player AND #item BETWEEN :first AND :last",
          ExpressionAttributeNames: names("player", "item"),
          ExpressionAttributeValues: {
            ":player": S(textOf(stateKey(player), "player")),
            ":first": S(CHANGES),
            ":last": S(CHANGES + (after === undefined ? LAST_SEQUENCE : sequenceText(Number(after) - 1))),
          },
          ScanIndexForward: false,
        },
        limit,
        toChange,
        (item) => textOf(item, "item").slice(CHANGES.length),
      ),

    changes: async (operatorId, { since, group, limit, after }) => {
      const query = indexQuery(CHANGED, operatorId, after ?? new Date(since).toISOString());
      const filtered = group !== undefined && {
        FilterExpression: "#risk = :risk",
        ExpressionAttributeNames: { ...query.ExpressionAttributeNames, ...names("risk") },
        ExpressionAttributeValues: { ...query.ExpressionAttributeValues, ":risk": S(group) },
      };
      const placeOf = (item: Item) => textOf(item, CHANGED.range);
      const { items: places, ...page } = await table.page({ ...query, ...filtered }, limit, (item) => item, placeOf);
      // The index has what it lists by, and no more: a state that changes otherwise costs it no write.
      const keys = places.map((item) => stateKey({ operatorId, playerId: textOf(item, "playerId") }));
      const items = (await batchGet(client, name, keys, { attributes: CHANGED_PLAYER, pause })).map(toChangedPlayer);
      const found = new Map(items.map((each) => [each.playerId, each]));
      const listed = places.flatMap((item) => {
        const player = found.get(textOf(item, "playerId"));
        // Who has changed since stands further on, too: a page keeps the order of its places.
        return player ? [{ ...player, changedAt: toChangedAt(item) }] : [];
      });
      return { items: listed, ...page };
    },
  };
}

/** Instants are compared as texts. */
const inUtc = (instant: string | null): string | null => instant && new Date(instant).toISOString();

const CHANGED = { name: "changed", hash: "changedOperator", range: "changedAt" } as const;
export const REVIEWS = { name: "reviews", hash: "reviewOperator", range: "reviewDue" } as const;
const LAST_SEQUENCE = "9999999999";

/** Keeps what predictions are withheld by along with the state. */
function marketingPuts(player: PlayerKey, before: State | undefined, after: State): readonly VersionedPut[] {
  const [told, tells] = [marketingOf(before), marketingOf(after)];
  return isDeepStrictEqual(told, tells) ? [] : [{ item: marketingItem(player, tells) }];
}

function saysNothingNew(
  state: State,
  { limits, selfExclusion, marketingConsent }: Omit<Said<Declaration>, "kind">,
  at: string,
) {
  return (
    (limits === undefined || isDeepStrictEqual(afterDeclaring(state.own, limits, at), state.own)) &&
    (marketingConsent === undefined || marketingConsent === state.marketingConsent) &&
    (selfExclusion === undefined || covers(state, selfExclusion.until))
  );
}

/** Says whether a player is excluded already until then. */
const covers = ({ exclusion }: State, until: string | null): boolean =>
  exclusion !== undefined && (exclusion.until === null || (until !== null && until <= exclusion.until));
