import fc from "fast-check";
import type { BeforeInitialDepositRecord } from "../../../../catalogue/datasets/before-initial-deposit/record";
import type { Day, GamblingBehaviourRecord } from "../../../../catalogue/datasets/gambling-behaviour/record";
import { GROUPS } from "../../../../catalogue/datasets/gambling-behaviour/vocabulary";
import { dateOfDay, dayOfInstant } from "../../../../catalogue/datasets/kit/time";

/** Records that the tests start from, and arbitrary ones. */

/** A copy with the value at a JSON pointer replaced, or removed if it is `undefined`. */
export function withValue<T>(document: T, pointer: string, value: unknown): T {
  const copy = structuredClone(document);
  const keys = pointer.split("/").slice(1);
  const last = keys.pop() as string;
  const parent = keys.reduce<Record<string, unknown>>(
    (at, key) => at[key] as Record<string, unknown>,
    copy as Record<string, unknown>,
  );
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

export const beforeInitialDepositRecord: BeforeInitialDepositRecord = {
  dataset: "before-initial-deposit",
  playerId: "player:1",
  operatorId: "operator-1",
  asOf: "2026-03-31T12:00:00Z",
  age: 22,
  gender: "female",
  country: "GB",
  channel: "affiliate",
  device: "phone",
  registeredAt: "2026-03-31T13:00:00+02:00",
  registeredHour: 3,
  priorExclusion: true,
  accountsElsewhere: 4,
  kyc: { attempts: 3, refused: 2, seconds: 240 },
  limits: { count: 2, monthlyDeposit: 300 },
  browsing: {
    sessions: 4,
    seconds: 1200,
    nightSeconds: 900,
    pages: 40,
    bonusPages: 18,
    responsibleGamblingPages: 3,
    depositPages: 5,
    demoGames: 6,
  },
};

/** 2026-01-01 to 2026-03-31 are exactly 90 days. */
export const gamblingBehaviourRecord: GamblingBehaviourRecord = {
  dataset: "gambling-behaviour",
  playerId: "player:1",
  operatorId: "operator-1",
  asOf: "2026-03-31T12:00:00Z",
  age: 40,
  registeredAt: "2025-03-31T00:00:00Z",
  priorExclusions: 1,
  observedFrom: "2026-01-01",
  reported: [...GROUPS],
  days: [
    {
      date: "2026-02-10",
      deposits: { count: 2, amount: 100, declined: 0, methods: 1 },
      bets: { count: 10, stake: 100, payout: 40, largest: 20, variance: 4 },
      sessions: { count: 1, seconds: 3600, nightSeconds: 0 },
      products: { slots: 100 },
      balance: { lowest: 20, closing: 40 },
    },
    {
      date: "2026-02-11",
      deposits: { count: 1, amount: 200, declined: 1, methods: 2 },
      withdrawals: { count: 2, amount: 100, reversed: 1 },
      bets: { count: 20, stake: 300, payout: 330, largest: 50, variance: 10 },
      sessions: { count: 2, seconds: 7200, nightSeconds: 1800 },
      products: { slots: 200, sports: 100 },
      balance: { lowest: 0, closing: 30 },
    },
    {
      date: "2026-03-20",
      deposits: { count: 1, amount: 50, declined: 0, methods: 1 },
      bets: { count: 5, stake: 50, payout: 0, largest: 10, variance: 0 },
      sessions: { count: 1, seconds: 1800, nightSeconds: 1800 },
      products: { sports: 50 },
      balance: { lowest: 0, closing: 0 },
      limits: { raised: 1, lowered: 0 },
    },
    {
      date: "2026-03-31",
      bets: { count: 10, stake: 80, payout: 60, largest: 8, variance: 1 },
      sessions: { count: 1, seconds: 900, nightSeconds: 0 },
      products: { slots: 80 },
      contacts: { received: 2, sent: 1 },
    },
  ],
};

/** Any amount that the schema takes, down to the smallest number there is. */
export const anyMoney = fc.double({ min: 0, max: 1e6, noNaN: true });
export const centsMoney = fc.integer({ min: 0, max: 1_000_000 }).map((cents) => cents / 100);

/** Binary fractions, so that no product of two is too small to be exact. */
const share = fc.integer({ min: 0, max: 256 }).map((part) => part / 256);
const few = fc.integer({ min: 0, max: 20 });
const optional = { requiredKeys: [] as [] };

function day(money: fc.Arbitrary<number>): fc.Arbitrary<Omit<Day, "date">> {
  const bets = fc
    .record({
      count: fc.integer({ min: 1, max: 500 }),
      stake: money,
      payout: money,
      peak: share,
      spread: share,
      sumsOnly: fc.boolean(),
    })
    .map(({ count, stake, payout, peak, spread, sumsOnly }) => {
      const largest = stake / count + peak * (stake - stake / count);
      const single = { largest, variance: (spread * largest * largest) / 2 };
      return { count, stake, payout, ...(sumsOnly ? {} : single) };
    });
  const sessions = fc
    .record({ count: fc.integer({ min: 1, max: 9 }), seconds: fc.integer({ min: 0, max: 86_400 }), night: share })
    .map(({ count, seconds, night }) => ({ count, seconds, nightSeconds: Math.floor(night * seconds) }));
  const deposits = fc.record({ count: few, amount: money, declined: few }).map(({ count, amount, declined }) => ({
    count,
    amount: count === 0 ? 0 : amount,
    declined,
    methods: Math.min(2, count + declined),
  }));
  const groups = fc.record(
    {
      deposits,
      withdrawals: fc
        .record({ count: few, amount: money })
        .map(({ count, amount }) => ({ count, amount: count === 0 ? 0 : amount, reversed: count >> 1 })),
      bets,
      sessions,
      balance: fc
        .record({ lowest: money, more: money })
        .map(({ lowest, more }) => ({ lowest, closing: lowest + more })),
      limits: fc.record({ raised: few, lowered: few }),
      contacts: fc.record({ received: few, sent: few }),
      mix: share,
    },
    optional,
  );
  return groups.map(({ mix, ...row }) => {
    if (mix === undefined || !row.bets) return row;
    const slots = mix * row.bets.stake;
    return { ...row, products: { slots, poker: row.bets.stake - slots } };
  });
}

/** Records that fit the schema and the rules, with rows within and beyond the window of 90 days. */
export function anyGamblingBehaviour(money = anyMoney): fc.Arbitrary<GamblingBehaviourRecord> {
  const asOfDay = dayOfInstant(gamblingBehaviourRecord.asOf);
  const rows = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 110 }), day(money)), { selector: ([age]) => age, maxLength: 40 })
    .map((drawn) => drawn.sort(([one], [other]) => other - one))
    .map((sorted): Day[] => sorted.map(([age, row]) => ({ date: dateOfDay(asOfDay - age), ...row })));
  return fc
    .record({ rows, player: fc.record({ age: fc.integer({ min: 18, max: 120 }), priorExclusions: few }, optional) })
    .map(({ rows: days, player }) => ({
      dataset: "gambling-behaviour",
      playerId: "player",
      operatorId: "operator",
      asOf: gamblingBehaviourRecord.asOf,
      ...player,
      observedFrom: "2025-11-01",
      reported: [...GROUPS],
      days,
    }));
}

export const anyBeforeInitialDeposit: fc.Arbitrary<BeforeInitialDepositRecord> = fc
  .record(
    {
      age: fc.integer({ min: 18, max: 120 }),
      device: fc.constantFrom("desktop" as const, "phone" as const, "tablet" as const),
      registeredHour: fc.integer({ min: 0, max: 23 }),
      priorExclusion: fc.boolean(),
      accountsElsewhere: few,
      kyc: fc.record({ attempts: fc.integer({ min: 1, max: 9 }), refused: few, seconds: few }, optional),
      limits: fc.record({ count: fc.integer({ min: 1, max: 5 }), monthlyDeposit: anyMoney }, optional),
      browsing: fc.record(
        { sessions: fc.integer({ min: 1, max: 9 }), seconds: few, pages: few, demoGames: few },
        optional,
      ),
    },
    optional,
  )
  .map((fields) => ({
    dataset: "before-initial-deposit",
    playerId: "player",
    operatorId: "operator",
    asOf: gamblingBehaviourRecord.asOf,
    ...fields,
  }));
