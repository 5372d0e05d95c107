import fc from "fast-check";
import { gamblingBehaviour } from "../../../../catalogue/datasets/gambling-behaviour";
import {
  extract,
  features,
  type GamblingBehaviourFeature,
} from "../../../../catalogue/datasets/gambling-behaviour/features";
import type { Day, GamblingBehaviourRecord } from "../../../../catalogue/datasets/gambling-behaviour/record";
import { rules } from "../../../../catalogue/datasets/gambling-behaviour/rules";
import { GROUPS, type Group } from "../../../../catalogue/datasets/gambling-behaviour/vocabulary";
import { anyGamblingBehaviour, gamblingBehaviourRecord as base, centsMoney, withValue } from "./records";

const { check } = gamblingBehaviour.record;

/** The last row of the base record is of the day before. */
const next = { ...base, asOf: "2026-04-01T12:00:00Z" };

describe("features", () => {
  test("are those computed by hand for a small record", () => {
    const meanBet = 530 / 45;
    const expected: Record<GamblingBehaviourFeature, number | null> = {
      age: 40,
      tenure_days: 366,
      observed_days: 90,
      prior_exclusions: 1,
      active_day_share_7d: 1 / 7,
      active_day_share_30d: 2 / 30,
      active_day_share_90d: 4 / 90,
      days_since_last_bet: 1,
      longest_streak_90d: 2,
      stake_per_day_7d: 80 / 7,
      stake_per_day_30d: 130 / 30,
      stake_per_day_90d: 530 / 90,
      loss_per_day_7d: 20 / 7,
      loss_per_day_30d: 70 / 30,
      loss_per_day_90d: 100 / 90,
      return_90d: 430 / 530,
      bets_per_active_day_30d: 7.5,
      mean_bet_30d: 130 / 15,
      largest_bet_90d: 50,
      largest_to_mean_bet_90d: 50 / meanBet,
      stake_variation_90d: Math.sqrt(9668.75) / 132.5,
      bet_deviation_30d: Math.sqrt(10 / 15),
      bet_variation_90d: Math.sqrt(250 / 45) / meanBet,
      active_days_trend_30d: 1 / 3,
      stake_trend_7d: (80 / 7 - 50 / 23) / (80 / 7 + 50 / 23),
      stake_trend_30d: (130 / 30 - 400 / 60) / (130 / 30 + 400 / 60),
      losing_day_share_90d: 3 / 4,
      // Of the losing days before the last, the first was followed by a higher stake, the second by nothing.
      chased_loss_share_90d: 1 / 2,
      deposited_per_day_7d: 0,
      deposited_per_day_30d: 50 / 30,
      deposited_per_day_90d: 350 / 90,
      deposits_per_day_30d: 1 / 30,
      deposit_trend_30d: -1 / 2,
      declined_share_30d: 0,
      declined_share_90d: 1 / 5,
      payment_methods_90d: 2,
      deposits_per_session_30d: 1 / 2,
      deposits_per_session_90d: 4 / 5,
      redeposit_share_90d: 1 / 3,
      reversed_90d: 1,
      reversed_share_90d: 1 / 2,
      withdrawn_to_deposited_90d: 100 / 350,
      seconds_per_day_7d: 900 / 7,
      seconds_per_day_30d: 90,
      seconds_per_day_90d: 150,
      seconds_per_session_30d: 1350,
      longest_day_90d: 7200,
      night_share_30d: 2 / 3,
      night_share_90d: 3600 / 13500,
      night_days_30d: 1,
      // The last day has no balance, so it is not among the days that could be judged.
      depleted_share_90d: 2 / 3,
      limits_raised_30d: 1,
      limits_raised_90d: 1,
      limits_lowered_90d: 0,
      contacts_received_90d: 2,
      slots_share_90d: 380 / 530,
      casino_share_90d: 0,
      sports_share_90d: 150 / 530,
      products_90d: 2,
    };
    const found = extract(next);
    for (const { name } of features) {
      expect([name, found[name]]).toEqual([name, expected[name] === null ? null : expect.closeTo(expected[name], 10)]);
    }
  });

  test("are the same whatever the row of the day of asOf says, and without it", () => {
    const wild: Day = { ...(base.days[1] as Day), date: "2026-04-01", contacts: { received: 9, sent: 9 } };
    fc.assert(
      fc.property(anyGamblingBehaviour(), (record) => {
        const before = { ...record, asOf: next.asOf };
        expect(extract({ ...before, days: [...before.days, wild] })).toEqual(extract(before));
      }),
    );
    expect(extract({ ...next, observedUntil: "2026-04-01" })).toEqual(
      extract({ ...next, observedUntil: "2026-03-31" }),
    );
  });

  test("of what was reported are null while there is no whole day", () => {
    const today = { ...next, registeredAt: "2026-04-01T08:00:00Z", observedFrom: "2026-04-01", days: [] };
    const known = Object.entries(extract(today)).filter(([, value]) => value !== null);
    expect(Object.fromEntries(known)).toEqual({ age: 40, tenure_days: 0, observed_days: 0, prior_exclusions: 1 });
  });

  test("of a player who did nothing are 0 where that is known, and null where there is nothing to divide", () => {
    const idle = extract({ ...next, days: [] });
    expect(idle).toMatchObject({ active_day_share_90d: 0, stake_per_day_90d: 0, contacts_received_90d: 0 });
    expect(idle).toMatchObject({ days_since_last_bet: null, night_share_90d: null, stake_trend_30d: null });
  });

  test("count observed days only, and know no trend before the earlier days were observed", () => {
    const young = extract({ ...next, registeredAt: "2026-03-20T08:00:00Z", days: next.days.slice(2) });
    expect(young).toMatchObject({ tenure_days: 12, observed_days: 12, active_day_share_90d: 2 / 12 });
    expect(young.stake_trend_7d).not.toBeNull();
    expect(young).toMatchObject({ stake_trend_30d: null, deposit_trend_30d: null, active_days_trend_30d: null });
  });

  // Reports of settled tickets have it so: the bet was on another day, perhaps before the window.
  test("count a payout on a day without bets, which is no day of play", () => {
    const bets = (count: number, stake: number, payout: number) => ({
      count,
      stake,
      payout,
      largest: stake,
      variance: 0,
    });
    const days = [
      { date: "2026-03-20", bets: bets(1, 100, 0) },
      { date: "2026-03-22", bets: bets(0, 0, 300) },
    ];
    const record = { ...next, days };
    expect([...check(record), ...rules(record)]).toEqual([]);
    expect(extract(record)).toMatchObject({
      loss_per_day_30d: (100 - 300) / 30,
      return_90d: 3,
      active_day_share_30d: 1 / 30,
      days_since_last_bet: 12,
      longest_streak_90d: 1,
      losing_day_share_90d: 1,
    });
  });

  test("lose nothing that a day reports: every amount and number above 0 is in some feature", () => {
    const full: Day = {
      date: "2026-03-30",
      deposits: { count: 2, amount: 40, declined: 1, methods: 2 },
      withdrawals: { count: 2, amount: 10, reversed: 1 },
      bets: { count: 3, stake: 30, payout: 12, largest: 20, variance: 40 },
      sessions: { count: 2, seconds: 4000, nightSeconds: 2000 },
      products: { slots: 12, casino: 10, sports: 8 },
      // More than a bet of the mean size, half of it less.
      balance: { lowest: 15, closing: 30 },
      limits: { raised: 1, lowered: 1 },
      contacts: { received: 1, sent: 1 },
    };
    // The closing balance is there to check the lowest, and what the operator sent tells whom it suspects already.
    const unused = ["/balance/closing", "/contacts/sent"];
    const before = extract({ ...next, days: [full] });
    const lost: string[] = [];
    for (const group of GROUPS) {
      for (const [field, value] of Object.entries(full[group] as Record<string, number>)) {
        const less = { ...full, [group]: { ...full[group], [field]: value / 2 } };
        const after = extract({ ...next, days: [less] });
        if (features.every(({ name }) => after[name] === before[name])) lost.push(`/${group}/${field}`);
      }
    }
    expect(lost).toEqual(unused);
  });

  test("take the day of asOf in UTC, whatever its offset", () => {
    // 01:00 on the 2nd of April in Moscow is still the 1st of April in UTC.
    expect(extract({ ...next, asOf: "2026-04-02T01:00:00+03:00" })).toEqual(extract(next));
    expect(extract({ ...next, asOf: "2026-04-02T01:00:00Z" })).toMatchObject({ days_since_last_bet: 2 });
  });

  test.each([
    ["2026-03-25", 7, [1 / 7, 1 / 30, 1 / 90]],
    ["2026-03-24", 8, [0, 1 / 30, 1 / 90]],
    ["2026-03-02", 30, [0, 1 / 30, 1 / 90]],
    ["2026-03-01", 31, [0, 0, 1 / 90]],
    ["2026-01-01", 90, [0, 0, 1 / 90]],
    ["2025-12-31", null, [0, 0, 0]],
  ])("put a bet on %s into the right windows", (date, since, [week, month, quarter]) => {
    const found = extract({ ...next, observedFrom: "2025-12-01", days: [{ ...(next.days[0] as Day), date }] });
    expect(found.days_since_last_bet).toBe(since);
    expect(found.active_day_share_7d).toBe(week);
    expect(found.active_day_share_30d).toBe(month);
    expect(found.active_day_share_90d).toBe(quarter);
  });

  test("are null or finite, and shares are between 0 and 1, for every valid record", () => {
    let rowed = 0;
    fc.assert(
      fc.property(anyGamblingBehaviour(), (record) => {
        expect(check(record)).toEqual([]);
        expect(rules(record)).toEqual([]);
        rowed += record.days.length;
        const found = extract(record);
        const wrong = features.flatMap(({ name, unit }) => {
          const value = found[name];
          if (value === null) return [];
          const inBounds =
            Number.isFinite(value) &&
            !(name.includes("_share") && (value < 0 || value > 1 + 1e-9)) &&
            !(unit === "change" && Math.abs(value) > 1);
          return inBounds ? [] : [[name, value]];
        });
        expect(wrong).toEqual([]);
      }),
    );
    expect(rowed).toBeGreaterThan(100);
  });

  test("do not depend on rows before the window, nor those of a short window on rows before it", () => {
    const extra = { ...(next.days[1] as Day) };
    fc.assert(
      fc.property(anyGamblingBehaviour(), (record) => {
        const inWindow = { ...record, days: record.days.filter(({ date }) => date >= "2025-12-31") };
        expect(extract({ ...inWindow, days: [{ ...extra, date: "2025-12-30" }, ...inWindow.days] })).toEqual(
          extract(inWindow),
        );
        const inMonth = { ...record, days: record.days.filter(({ date }) => date >= "2026-03-01") };
        const [before, after] = [
          extract(inMonth),
          extract({ ...inMonth, days: [{ ...extra, date: "2026-02-28" }, ...inMonth.days] }),
        ];
        const short = features.filter(({ name }) => /_(7d|30d)$/.test(name) && !name.endsWith("_trend_30d"));
        const valuesIn = (of: typeof before) => short.map(({ name }) => [name, of[name]]);
        expect(valuesIn(after)).toEqual(valuesIn(before));
      }),
    );
  });

  test("in money scale with the currency, and no others do", () => {
    // Powers of two scale floating-point numbers exactly.
    const factor = fc.constantFrom(0.25, 0.5, 2, 8);
    fc.assert(
      fc.property(anyGamblingBehaviour(centsMoney), factor, (record, by) => {
        const [one, other] = [extract(record), extract(inCurrency(record, by))];
        const scaled = features.map(({ name, unit }) => {
          const value = one[name];
          return [name, value !== null && unit === "money" ? value * by : value];
        });
        expect(features.map(({ name }) => [name, other[name]])).toEqual(scaled);
      }),
    );
    expect(features.filter(({ unit }) => unit === "money").length).toBeGreaterThan(8);
  });

  const dependents: Record<Group, RegExp> = {
    bets: /^(active_|days_since|longest_streak|stake_|loss_|return|bets_|mean_bet|largest_|bet_|losing_|chased_|redeposit|depleted)/,
    deposits: /^(deposit|declined|payment|redeposit|withdrawn)/,
    withdrawals: /^(reversed|withdrawn)/,
    sessions: /^(seconds_|longest_day|night_|deposits_per_session)/,
    products: /^(slots|casino|sports|products)_/,
    balance: /^depleted/,
    limits: /^limits_/,
    contacts: /^contacts_/,
  };
  test.each(GROUPS)("of %s are null when the operator does not report them, and only those", (group) => {
    const full = extract(next);
    const found = extract({
      ...next,
      reported: GROUPS.filter((other) => other !== group),
      days: next.days.map(({ [group]: _, ...row }) => row),
    });
    const changed = features.filter(({ name }) => found[name] !== full[name]).map(({ name }) => name);
    expect(changed).toEqual(features.map(({ name }) => name).filter((name) => dependents[group].test(name)));
    for (const name of changed) expect([name, found[name]]).toEqual([name, null]);
  });

  /** The record without a field of its bets on the days of these indices. */
  const without = (field: "largest" | "variance", ...days: number[]) =>
    days.reduce((record, index) => withValue(record, `/days/${index}/bets/${field}`, undefined), next);
  const unknownOf = (record: GamblingBehaviourRecord) => {
    const [full, found] = [extract(next), extract(record)];
    const changed = features.filter(({ name }) => found[name] !== full[name]).map(({ name }) => name);
    for (const name of changed) expect([name, found[name]]).toEqual([name, null]);
    return changed;
  };

  test("that need more than a day's sums are null when a day with bets of their window tells no more", () => {
    const largest = ["largest_bet_90d", "largest_to_mean_bet_90d"];
    expect(unknownOf(without("largest", 0, 1, 2, 3))).toEqual(largest);
    expect(unknownOf(without("largest", 0))).toEqual(largest);
    expect(unknownOf(without("variance", 0, 1, 2, 3))).toEqual(["bet_deviation_30d", "bet_variation_90d"]);
    expect(unknownOf(without("variance", 2))).toEqual(["bet_deviation_30d", "bet_variation_90d"]);
    // The last 30 days tell theirs.
    expect(unknownOf(without("variance", 0))).toEqual(["bet_variation_90d"]);
    for (const record of [without("largest", 0, 1, 2, 3), without("variance", 1)]) {
      expect([...check(record), ...rules(record)]).toEqual([]);
    }
  });

  test("know the stake of a day's only bet without being told", () => {
    const one = withValue(next, "/days/3/bets", { count: 1, stake: 80, payout: 60, largest: 80, variance: 0 });
    expect(extract(withValue(one, "/days/3/bets", { count: 1, stake: 80, payout: 60 }))).toEqual(extract(one));
  });

  test("count the days that were observed, not those after", () => {
    const shorter = { ...next, days: next.days.slice(0, 3) };
    const [ended, went] = [extract({ ...shorter, observedUntil: "2026-03-30" }), extract(shorter)];
    expect([ended.observed_days, went.observed_days]).toEqual([89, 90]);
    expect(ended.stake_per_day_30d).toBeCloseTo(((went.stake_per_day_30d ?? 0) * 30) / 29, 12);
    expect(extract({ ...next, observedUntil: "2026-03-31" })).toEqual(extract(next));
  });

  test("of the player are null when missing", () => {
    const { age: _, registeredAt: __, priorExclusions: ___, ...rest } = next;
    expect(extract(rest)).toMatchObject({ age: null, tenure_days: null, prior_exclusions: null });
  });
});

/** The record of a player whose currency is worth less by a factor. */
function inCurrency(record: GamblingBehaviourRecord, by: number): GamblingBehaviourRecord {
  const scaled = (row: Day): Day => {
    const copy = structuredClone(row);
    if (copy.deposits) copy.deposits.amount *= by;
    if (copy.withdrawals) copy.withdrawals.amount *= by;
    if (copy.bets) {
      const { largest, variance } = copy.bets;
      for (const field of ["stake", "payout"] as const) copy.bets[field] *= by;
      if (largest !== undefined) copy.bets.largest = largest * by;
      if (variance !== undefined) copy.bets.variance = variance * by * by;
    }
    if (copy.products) {
      copy.products = Object.fromEntries(
        Object.entries(copy.products).map(([product, stake = 0]) => [product, stake * by]),
      );
    }
    if (copy.balance) copy.balance = { lowest: copy.balance.lowest * by, closing: copy.balance.closing * by };
    return copy;
  };
  return { ...record, days: record.days.map(scaled) };
}

describe("schema", () => {
  test("accepts the record that the refusals start from", () => {
    expect(check(base)).toEqual([]);
    expect(rules(base)).toEqual([]);
  });

  test.each<[string, unknown, RegExp]>([
    ["/dataset", "before-initial-deposit", /must be "gambling-behaviour"/],
    ["/playerId", undefined, /is missing/],
    ["/playerId", "someone@example.org", /must match/],
    ["/playerId", "Jane Doe", /must match/],
    ["/playerId", "x".repeat(129), /128/],
    ["/playerId", "", /1/],
    ["/operatorId", 7, /must be string/],
    ["/asOf", "yesterday", /date|RFC 3339/],
    ["/asOf", "2026-02-30T12:00:00Z", /date|RFC 3339/],
    ["/age", 17, />= 18/],
    ["/age", 121, /<= 120/],
    ["/age", "40", /must be integer/],
    ["/days/0/bets", null, /is null; leave .* a group out of a day on which nothing of it happened/],
    ["/days/0/bets/largest", null, /is null; leave the field out/],
    ["/observedFrom", null, /is null/],
    ["/reported", null, /is null/],
    ["/reported/0", null, /is null/],
    ["/dataset", null, /is null/],
    ["/age", null, /is null; leave the field out/],
    ["/observedFrom", undefined, /is missing/],
    ["/observedFrom", "2026-13-01", /date/],
    ["/reported", [], /fewer than 1/],
    ["/reported/0", "weather", /must be one of deposits, /],
    ["/email", "someone@example.org", /not a known field/],
    ["/days", Array(91).fill({ date: "2026-01-01" }), /more than 90/],
    ["/days/0/date", "2026-02-30", /date/],
    ["/days/0/date", undefined, /is missing/],
    ["/days/0/mood", 1, /not a known field/],
    ["/days/0/bets/stake", -0.01, />= 0/],
    ["/days/0/bets/stake", Number.POSITIVE_INFINITY, /must be/],
    ["/days/0/bets/count", 1.5, /must be integer/],
    ["/days/0/bets/payout", undefined, /is missing/],
    ["/days/0/deposits/amount", 1e10, /<= 1000000000/],
    ["/days/0/deposits/declined", -1, />= 0/],
    ["/days/0/sessions/seconds", 86_401, /<= 86400/],
    ["/days/0/sessions/nightSeconds", 86_401, /<= 86400/],
    ["/days/0/products/horses", 3, /not a known field/],
    ["/days/0/balance/lowest", -5, />= 0/],
  ])("refuses %s = %j", (pointer, value, message) => {
    const problems = check(withValue(base, pointer, value));
    expect(problems).toContainEqual({ pointer, message: expect.stringMatching(message) });
    for (const problem of problems) expect(problem.pointer).toBe(pointer);
    expect(JSON.stringify(problems)).not.toMatch(/someone|Jane|2026-02-30/);
  });

  test.each([null, [], "record", 3])("refuses %j for a record", (value) => {
    expect(check(value)).not.toEqual([]);
  });
});

describe("rules", () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ["/registeredAt", { "/registeredAt": "2026-03-31T12:00:01Z", "/days": [] }, /after asOf/],
    ["/observedFrom", { "/observedFrom": "2026-04-01", "/days": [] }, /after the day of asOf/],
    ["/days/1/date", { "/days/1/date": "2026-02-10" }, /not after the row before/],
    ["/days/1/date", { "/days/1/date": "2026-02-09" }, /not after the row before/],
    ["/days/3/date", { "/days/3/date": "2026-04-01" }, /after the day of asOf/],
    ["/days/0/date", { "/observedFrom": "2026-02-11" }, /before observedFrom/],
    ["/observedUntil", { "/observedUntil": "2025-12-31", "/days": [] }, /before observedFrom/],
    ["/observedUntil", { "/observedUntil": "2026-04-01" }, /after the day of asOf/],
    ["/days/3/date", { "/observedUntil": "2026-03-30" }, /after observedUntil/],
    ["/days/0/date", { "/registeredAt": "2026-02-11T00:00:00Z" }, /before the day of registeredAt/],
    ["/days/3/contacts", { "/reported": GROUPS.filter((group) => group !== "contacts") }, /not in reported/],
    ["/days/2/deposits/amount", { "/days/2/deposits": { count: 0, amount: 1, declined: 0, methods: 0 } }, /without/],
    ["/days/0/deposits/methods", { "/days/0/deposits/methods": 0 }, /is 0 on a day with deposits/],
    ["/days/0/deposits/methods", { "/days/0/deposits/methods": 3 }, /more than the deposits tried/],
    ["/days/1/withdrawals/amount", { "/days/1/withdrawals": { count: 0, amount: 1, reversed: 0 } }, /without/],
    ["/days/1/withdrawals/reversed", { "/days/1/withdrawals/reversed": 3 }, /more than the withdrawals/],
    ["/days/0/bets/stake", { "/days/0/bets/count": 0, "/days/0/bets/largest": 100 }, /without bets/],
    ["/days/0/bets/largest", { "/days/0/bets/largest": 100.06 }, /above the sum/],
    ["/days/0/bets/largest", { "/days/0/bets/largest": 9.9 }, /below the mean stake/],
    ["/days/0/bets/variance", { "/days/0/bets/variance": 201 }, /can vary/],
    ["/days/0/bets/variance", { "/days/0/bets/variance": 5001, "/days/0/bets/largest": undefined }, /can vary/],
    ["/days/0/sessions/seconds", { "/days/0/sessions/count": 0 }, /without sessions/],
    ["/days/0/sessions/nightSeconds", { "/days/0/sessions/nightSeconds": 3601 }, /more than seconds/],
    ["/days/0/products", { "/days/0/products/slots": 90 }, /do not add up/],
    ["/days/0/balance/lowest", { "/days/0/balance/lowest": 41 }, /above the closing balance/],
  ])("find %s in %j", (pointer, changes, message) => {
    const record = Object.entries(changes).reduce((at, [where, value]) => withValue(at, where, value), base);
    expect(check(record)).toEqual([]);
    expect(rules(record)).toEqual([{ pointer, message: expect.stringMatching(message) }]);
  });
});

test("a record of 90 busy days has at most 37 kB", () => {
  const days = Array.from({ length: 90 }, (_, index): Day => {
    const date = new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
    return Object.assign({}, ...base.days, {
      date,
      bets: { count: 212, stake: 1234.56, payout: 1134.2, largest: 120.5, variance: 310.25 },
    });
  });
  const record = { ...base, days };
  expect(check(record)).toEqual([]);
  expect(JSON.stringify(record).length).toBeGreaterThan(20_000);
  expect(JSON.stringify(record).length).toBeLessThanOrEqual(37_000);
});
