import type { Assessment, PlayerKey } from "../../../../../catalogue/interventions/evidence";
import { POLICIES } from "../../../../../catalogue/interventions/policies";
import { SELF_EXCLUDED } from "../../../../../catalogue/interventions/restrictions";
import { RISK_GROUPS } from "../../../../../catalogue/risk/risk";
import { EVENT_SCHEMAS } from "../../../../../contracts/events";
import type { DecideReview, PlayerStore } from "../../../../../handlers/lib/interventions/player-store";
import { concurrently } from "../../../../../handlers/lib/util/concurrently";
import { assessment, day, idOf, player } from "../../../catalogue/interventions/arbitrary";
import { fakePlayers, randomOf } from "./players";

const audit = { sequence: 1, hash: "0".repeat(64) };
const openReview = async (store: PlayerStore): Promise<string> => (await store.read(player))?.review?.id ?? "";

describe("what is applied", () => {
  test("is there to be read, and told by an event that its contract accepts", async () => {
    const { store } = fakePlayers();
    expect(await store.read(player)).toBeUndefined();
    const { state, outcomes, changes } = await store.apply(player, [
      assessment(1, 0, "low"),
      assessment(2, 1, "severe"),
    ]);
    expect(outcomes).toEqual(["taken", "taken"]);
    expect(await store.read(player)).toEqual(state);
    expect(changes.map(({ name }) => name)).toEqual(["InterventionDecided", "MarketingSuppressed"]);
    const [decided, suppressed] = changes.map(({ name, detail }) => EVENT_SCHEMAS[name].parse({ ...detail, audit }));
    expect(decided).toMatchObject({
      ...{ ...player, sequence: 1, cause: "assessment", level: 3, previousLevel: 0, at: "2026-06-01T00:00:00.000Z" },
      ...{ since: day(1), until: day(91), reasons: ["reason-2"], assessments: [idOf(2)], review: state.review?.id },
      policy: { name: "uk", version: 1 },
    });
    expect(suppressed).toMatchObject({ cause: "intervention", recalls: state.recalled });
    expect(decided?.id).not.toBe(suppressed?.id);
    expect((await store.history(player, { limit: 10 })).items).toEqual(changes.toReversed());
  });

  test("twice, or too late, changes nothing and writes nothing", async () => {
    const { store, tables } = fakePlayers();
    await store.apply(player, [assessment(1, 0, "high")]);
    const before = tables.all("players");
    expect(await store.apply(player, [assessment(1, 0, "high")])).toMatchObject({
      outcomes: ["duplicate"],
      changes: [],
    });
    expect(tables.all("players")).toEqual(before);
  });

  test("without a change is no event, and leaves the player's place among the changed", async () => {
    const { store, clock } = fakePlayers();
    await store.apply(player, [assessment(1, 0, "high")]);
    clock.now += 1000;
    expect((await store.apply(player, [assessment(2, 1, "high", { predictions: [] })])).changes).toEqual([]);
    const [changed] = (await store.changes(player.operatorId, { since: day(0), limit: 5 })).items;
    expect(changed).toMatchObject({ changedAt: "2026-06-01T00:00:00.000Z", state: { assessments: [idOf(2)] } });
  });

  test("fails whole when one part of it fails", async () => {
    const { store, tables } = fakePlayers();
    tables.beforeWrite = () => {
      throw new Error("no");
    };
    await expect(store.apply(player, [assessment(1, 0, "high")])).rejects.toThrow("no");
    expect(tables.all("players")).toEqual([]);
  });

  test("stays within the size of an item, however much evidence says", async () => {
    const { store, tables } = fakePlayers();
    const reasons = Array.from({ length: 10 }, (_, place) => `${place}`.padEnd(100, "é"));
    const entries = Array.from({ length: 150 }, (_, number) => assessment(number, number, "severe", { reasons }));
    await store.apply(player, entries);
    expect(JSON.stringify(tables.all("players")).length).toBeLessThan(400_000);
  });
});

describe("many assessments of many players", () => {
  const [assessments, players] = [2000, 400];
  const random = randomOf(7);
  const of = (number: number): PlayerKey => ({
    operatorId: number % 2 ? "a" : "b",
    playerId: `player-${number % players}`,
  });
  const entries = Array.from({ length: assessments }, (_, number): { key: PlayerKey; entry: Assessment } => ({
    key: of(number),
    entry: assessment(number, Math.floor(number / players) * 12, RISK_GROUPS[Math.floor(random() ** 2 * 4)] ?? "low"),
  }));

  test("shuffled, doubled and side by side come to the same as one by one: none lost, none twice", async () => {
    const [orderly, wild] = [fakePlayers(), fakePlayers({}, randomOf(3))];
    for (const { key, entry } of entries) await orderly.store.apply(key, [entry]);
    const twice = [...entries, ...entries].map((each) => ({ each, place: random() }));
    // Those of one player come in bursts, as a queue has them, so that many races are lost.
    const burst = ({ each }: (typeof twice)[0]) => Number(each.key.playerId.slice("player-".length)) >> 4;
    twice.sort((one, other) => burst(one) - burst(other) || one.place - other.place);
    const applied = await concurrently(twice, 24, ({ each }) => wild.store.apply(each.key, [each.entry]));
    expect(applied.filter(({ outcomes: [outcome] }) => outcome === "duplicate")).toHaveLength(assessments);
    expect(
      (wild.tables.calls.TransactWriteItemsCommand ?? 0) + (wild.tables.calls.PutItemCommand ?? 0),
    ).toBeGreaterThan(assessments * 1.05);
    for (let number = 0; number < players; number += 1) {
      const [one, other] = [await orderly.store.read(of(number)), await wild.store.read(of(number))];
      expect(other).toEqual(one);
      const { items } = await wild.store.history(of(number), { limit: 100 });
      const told = items.filter(({ name }) => name !== "MarketingSuppressed");
      // The last event tells what holds, and no number is missing or there twice.
      if (one?.level || told.length > 0)
        expect(told[0]?.detail).toMatchObject({ level: one?.level, restrictions: one?.restrictions });
      expect(new Set(items.map(({ detail }) => detail.id)).size).toBe(items.length);
    }
  });

  test("a player that everybody writes at once loses nothing", async () => {
    const { store } = fakePlayers({}, randomOf(5));
    const many = Array.from({ length: 12 }, (_, number) => assessment(number, number, "moderate"));
    const applied = await Promise.all(many.map((entry) => store.apply(player, [entry])));
    expect(applied.flatMap(({ outcomes }) => outcomes).filter((outcome) => outcome === "duplicate")).toEqual([]);
    expect(await store.read(player)).toMatchObject({ level: 1, since: day(0), assessments: [idOf(11)] });
  });
});

describe("players say", () => {
  const limits = { sessionMinutes: 15 };

  test("limits, which hold at once and on record once", async () => {
    const { store } = fakePlayers();
    const { state, changes } = await store.declare(player, { limits });
    expect(state).toMatchObject({ level: 0, restrictions: limits, own: { limits } });
    expect(changes).toMatchObject([
      { name: "InterventionChanged", detail: { cause: "declaration", restrictions: limits } },
    ]);
    expect((await store.declare(player, { limits })).outcomes).toEqual([]);
  });

  test("limits in no other currency than the policy's", async () => {
    const { store } = fakePlayers();
    const stakeLimit = { amount: 5, currency: "EUR" };
    await expect(store.declare(player, { limits: { stakeLimit } })).rejects.toMatchObject({ reason: "wrong-currency" });
  });

  test("that they exclude themselves, which takes the place of everything else, and ends no review", async () => {
    const { store, clock } = fakePlayers();
    clock.now = Date.parse(day(3));
    await store.apply(player, [assessment(1, 0, "severe")]);
    const review = await openReview(store);
    const { state, changes } = await store.declare(player, { selfExclusion: { until: null } });
    expect(state).toMatchObject({ level: 3, exclusion: { since: day(3), until: null } });
    expect(changes[0]).toMatchObject({ detail: { previousLevel: 3, level: 0, restrictions: SELF_EXCLUDED } });
    expect(changes[0]?.detail).not.toHaveProperty("exclusionUntil");
    const { items } = await store.openReviews(player.operatorId, { limit: 5 });
    expect(items).toMatchObject([{ id: review, status: "open", level: 3 }]);
    // Nothing but the self-exclusion holds that could be contested.
    await expect(store.contest(player, "no")).rejects.toMatchObject({ reason: "nothing-to-contest" });
    // Two persons still decide of what is beneath it.
    const lift = { verdict: "lift", reason: "mistaken" } as const;
    const first = await store.decideReview(player.operatorId, review, { ...lift, by: "ann" });
    expect(first.status).toBe("awaits-second");
    expect((await store.declare(player, { selfExclusion: { until: day(9) } })).outcomes).toEqual([]);
  });

  test("until when, in whatever zone", async () => {
    const { store, clock } = fakePlayers();
    clock.now = Date.parse("2026-05-31T23:30:00.000Z");
    const { state } = await store.declare(player, { selfExclusion: { until: "2026-06-02T01:00:00+01:00" } });
    expect(state.exclusion).toEqual({ since: "2026-05-31T23:30:00.000Z", until: "2026-06-02T00:00:00.000Z" });
    const later = await store.declare(player, { selfExclusion: { until: "2026-06-01T23:00:00-01:00" } });
    expect(later.outcomes).toEqual([]);
  });

  test("that they exclude themselves for a day at least", async () => {
    const { store, clock } = fakePlayers();
    const [short, day] = ["2026-06-01T23:59:59Z", "2026-06-02T00:00:00Z"].map((until) => ({
      selfExclusion: { until },
    }));
    await expect(store.declare(player, short ?? {})).rejects.toMatchObject({ reason: "exclusion-too-short" });
    const { outcomes, changes: told } = await store.declare(player, day ?? {});
    expect(outcomes).toEqual(["taken"]);
    expect(EVENT_SCHEMAS.InterventionChanged.parse({ ...told[0]?.detail, audit })).toMatchObject({
      restrictions: { selfExclusion: true },
      exclusionUntil: "2026-06-02T00:00:00.000Z",
    });
    // Sent again it changes nothing, though less is left of it by then.
    clock.now += 1000;
    expect((await store.declare(player, day ?? {})).outcomes).toEqual([]);
    // What came before its end holds again after it, which the next evidence tells.
    await store.apply(player, [assessment(1, 151.5, "severe")]);
    const { changes } = await store.apply(player, [assessment(2, 153, "low")]);
    expect(changes[0]).toMatchObject({ name: "InterventionDecided", detail: { level: 3, previousLevel: 0 } });
    expect(changes[0]?.detail).not.toHaveProperty("exclusionUntil");
  });

  test("that they pause, each time anew", async () => {
    const { store, clock } = fakePlayers();
    const limits = { coolOffHours: 24 };
    await store.declare(player, { limits });
    clock.now += 48 * 3_600_000;
    const { changes } = await store.declare(player, { limits });
    expect(changes).toMatchObject([{ detail: { coolOffUntil: "2026-06-04T00:00:00.000Z", level: 0 } }]);
  });

  test("looser limits, which hold once they are confirmed a day later", async () => {
    const { store, clock } = fakePlayers();
    const loosened = { limits: {} };
    await store.declare(player, { limits });
    expect((await store.declare(player, loosened)).changes).toEqual([]);
    expect((await store.declare(player, loosened)).outcomes).toEqual([]);
    clock.now += 24 * 3_600_000 + 1;
    expect((await store.declare(player, loosened)).changes).toMatchObject([{ detail: { restrictions: {} } }]);
  });

  test("that they do not agree", async () => {
    const { store, clock } = fakePlayers();
    await expect(store.contest(player)).rejects.toMatchObject({ reason: "nothing-to-contest" });
    await store.apply(player, [assessment(1, 0, "high")]);
    const review = await openReview(store);
    const { changes } = await store.contest(player, "it was my birthday");
    expect(changes).toMatchObject([{ name: "InterventionChanged", detail: { cause: "contest", review, level: 2 } }]);
    expect(await store.review(player.operatorId, review)).toMatchObject({
      contested: true,
      contest: "it was my birthday",
    });
    expect((await store.contest(player)).outcomes).toEqual([]);
    for (const text of ["and a friend played", "and a friend played"]) {
      clock.now += 1000;
      await store.contest(player, text);
    }
    const said = "it was my birthday\n\nand a friend played";
    expect(await store.review(player.operatorId, review)).toMatchObject({ contest: said });
    for (let number = 0; number < 4; number += 1) await store.contest(player, `${number}`.repeat(2_000));
    await expect(store.contest(player, "9".repeat(2_000))).rejects.toMatchObject({ reason: "contest-too-long" });

    await store.decideReview(player.operatorId, review, { verdict: "confirm", by: "ann", reason: "harm-is-plain" });
    clock.now += 1000;
    await store.contest(player, "no");
    expect(await openReview(store)).not.toBe(review);
    expect(await store.review(player.operatorId, await openReview(store))).toMatchObject({
      status: "open",
      contest: "no",
    });
  });
});

describe("reviews", () => {
  const { operatorId } = player;
  const lift = (by: string, more: Partial<DecideReview> = {}): DecideReview => ({
    ...{ verdict: "lift", by, reason: "mistaken", ...more },
  });

  test("are due by the policy's deadline, and listed by it", async () => {
    const { store, clock } = fakePlayers();
    for (const number of [1, 2, 3]) {
      clock.now += 1000;
      await store.apply({ operatorId, playerId: `p-${number}` }, [assessment(number, 0, "high")]);
    }
    await store.apply({ operatorId: "other", playerId: "p-1" }, [assessment(9, 0, "high")]);
    const first = await store.openReviews(operatorId, { limit: 2 });
    expect(first.items.map(({ playerId }) => playerId)).toEqual(["p-1", "p-2"]);
    expect(first.items[0]).toMatchObject({
      status: "open",
      level: 2,
      contested: false,
      due: "2026-06-02T00:00:01.000Z",
    });
    const second = await store.openReviews(operatorId, { limit: 2, after: first.next ?? "" });
    expect(second).toMatchObject({ items: [{ playerId: "p-3" }] });
    expect(second).not.toHaveProperty("next");
  });

  test("end with a decision, once, which is on record", async () => {
    const { store } = fakePlayers();
    await store.apply(player, [assessment(1, 0, "high")]);
    const id = await openReview(store);
    const { status, review } = await store.decideReview(operatorId, id, lift("ann", { note: "a win of the lottery" }));
    expect(status).toBe("decided");
    const said = { verdict: "lift", level: 0, by: "ann", reason: "mistaken", note: "a win of the lottery" };
    expect(review).toMatchObject({ status: "decided", decision: { ...said, at: "2026-06-01T00:00:00.000Z" } });
    expect(await store.review(operatorId, id)).toEqual(review);
    expect(await store.read(player)).toMatchObject({ level: 0, reasons: ["mistaken"], restrictions: {} });
    const [change] = (await store.history(player, { limit: 1 })).items;
    expect(change).toMatchObject({
      name: "InterventionChanged",
      detail: { cause: "review", level: 0, previousLevel: 2, review: id },
    });
    await expect(store.decideReview(operatorId, id, lift("bob"))).rejects.toMatchObject({ reason: "already-decided" });
    expect((await store.openReviews(operatorId, { limit: 9 })).items).toEqual([]);
  });

  test("of severe cases are lifted by two persons", async () => {
    const { store } = fakePlayers();
    await store.apply(player, [assessment(1, 0, "severe")]);
    const id = await openReview(store);
    expect(await store.decideReview(operatorId, id, lift("ann"))).toMatchObject({ status: "awaits-second" });
    await expect(store.decideReview(operatorId, id, lift("ann"))).rejects.toMatchObject({
      reason: "needs-another-person",
    });
    expect(await store.read(player)).toMatchObject({ level: 3 });
    // Who says something else has not agreed.
    const lower = lift("bob", { verdict: "change", level: 1 });
    expect(await store.decideReview(operatorId, id, lower)).toMatchObject({ status: "awaits-second" });
    expect(await store.decideReview(operatorId, id, { ...lower, by: "cyd" })).toMatchObject({
      status: "decided",
      review: { decision: { by: "bob", second: "cyd", level: 1 } },
    });
    expect(await store.read(player)).toMatchObject({ level: 1 });
  });

  test.each<[string, Assessment]>([
    ["risk", assessment(2, 1, "low")],
    ["level", assessment(2, 1, "severe")],
  ])("forget what one person proposed once the %s is another", async (what, entry) => {
    const { store } = fakePlayers({ policy: { ...POLICIES.uk, review: { ...POLICIES.uk.review, fourEyesFrom: 2 } } });
    await store.apply(player, [assessment(1, 0, what === "level" ? "high" : "severe")]);
    const id = await openReview(store);
    await store.decideReview(operatorId, id, lift("ann"));
    await store.apply(player, [entry]);
    expect(await store.review(operatorId, id)).not.toHaveProperty("proposal");
    // Nobody's first word is the second one to what was said of something else.
    expect(await store.decideReview(operatorId, id, lift("bob"))).toMatchObject({ status: "awaits-second" });
  });

  test("of severe cases are confirmed by one", async () => {
    const { store } = fakePlayers();
    await store.apply(player, [assessment(1, 0, "severe")]);
    const decided = store.decideReview(operatorId, await openReview(store), lift("ann", { verdict: "confirm" }));
    expect(await decided).toMatchObject({ status: "decided" });
    expect(await store.read(player)).toMatchObject({ level: 3, reasons: ["reason-1"] });
  });

  test.each<[string, Partial<DecideReview>, string]>([
    ["no level", { verdict: "change" }, "wrong-level"],
    ["a level that there is not", { verdict: "change", level: 4 }, "wrong-level"],
    ["the level that is", { verdict: "change", level: 2 }, "wrong-level"],
  ])("are not changed to %s", async (_, more, reason) => {
    const { store } = fakePlayers();
    await store.apply(player, [assessment(1, 0, "high")]);
    await expect(store.decideReview(operatorId, await openReview(store), lift("ann", more))).rejects.toMatchObject({
      reason,
    });
  });

  test("of another operator are unknown", async () => {
    const { store } = fakePlayers();
    await store.apply(player, [assessment(1, 0, "high")]);
    const id = await openReview(store);
    await expect(store.decideReview("other", id, lift("ann"))).rejects.toMatchObject({ reason: "unknown-review" });
    expect(await store.review("other", id)).toBeUndefined();
  });

  test("are decided by one of many who try at once", async () => {
    const { store } = fakePlayers({}, randomOf(11));
    await store.apply(player, [assessment(1, 0, "high")]);
    const id = await openReview(store);
    const all = await Promise.allSettled(
      ["a", "b", "c", "d"].map((by) => store.decideReview(operatorId, id, lift(by))),
    );
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const { items } = await store.history(player, { limit: 9 });
    expect(items.filter(({ detail }) => "cause" in detail && detail.cause === "review")).toHaveLength(1);
  });
});

describe("players whose level, group or restrictions changed", () => {
  test("are listed page by page, each once, by group too", async () => {
    const { store, clock } = fakePlayers();
    const { operatorId } = player;
    for (let number = 0; number < 7; number += 1) {
      clock.now += 1000;
      await store.apply({ operatorId, playerId: `p-${number}` }, [assessment(number, 0, number % 2 ? "high" : "low")]);
    }
    const since = new Date(clock.now - 5000).toISOString();
    const found: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await store.changes(operatorId, { since, limit: 2, ...(after !== undefined && { after }) });
      found.push(...page.items.map(({ playerId }) => playerId));
      after = page.next;
      if (after === undefined) break;
    }
    expect(found).toEqual(["p-1", "p-2", "p-3", "p-4", "p-5", "p-6"]);
    const high = await store.changes(operatorId, { since: day(0), group: "high", limit: 2 });
    expect(high.items.map(({ playerId }) => playerId)).toEqual(["p-1", "p-3"]);
    const rest = await store.changes(operatorId, { since: day(0), group: "high", limit: 2, after: high.next ?? "" });
    expect(rest).toMatchObject({ items: [{ playerId: "p-5", state: { risk: "high", level: 2 } }] });
    expect((await store.changes("other", { since: day(0), limit: 2 })).items).toEqual([]);
  });

  test("and their history are read page by page, the latest first", async () => {
    const { store } = fakePlayers();
    for (const minutes of [50, 40, 30, 20, 10]) await store.declare(player, { limits: { sessionMinutes: minutes } });
    const minutesOf = async (after?: string) => {
      const { items, next } = await store.history(player, { limit: 2, ...(after !== undefined && { after }) });
      const minutes = items.map(({ detail }) => "restrictions" in detail && detail.restrictions.sessionMinutes);
      return { minutes, next };
    };
    const first = await minutesOf();
    expect(first.minutes).toEqual([10, 20]);
    const second = await minutesOf(first.next);
    expect(second.minutes).toEqual([30, 40]);
    expect(await minutesOf(second.next)).toEqual({ minutes: [50] });
  });
});
