import fc from "fast-check";
import { beforeInitialDeposit } from "../../../../catalogue/datasets/before-initial-deposit";
import {
  type BeforeInitialDepositFeature,
  extract,
  features,
} from "../../../../catalogue/datasets/before-initial-deposit/features";
import { rules } from "../../../../catalogue/datasets/before-initial-deposit/rules";
import { anyBeforeInitialDeposit, beforeInitialDepositRecord as base, withValue } from "./records";

const { check } = beforeInitialDeposit.record;

/** The features that become unknown when the field at a pointer is left out; no feature is made of the first two. */
const SOURCES: Readonly<Record<string, readonly BeforeInitialDepositFeature[]>> = {
  "/gender": [],
  "/country": [],
  "/age": ["age"],
  "/registeredAt": ["seconds_since_registration"],
  "/registeredHour": ["registered_hour", "registered_at_night"],
  "/channel": ["channel_affiliate", "channel_advert"],
  "/device": ["device_phone"],
  "/priorExclusion": ["prior_exclusion"],
  "/accountsElsewhere": ["accounts_elsewhere"],
  "/kyc/attempts": ["kyc_attempts"],
  "/kyc/refused": ["kyc_refused"],
  "/kyc/seconds": ["kyc_seconds"],
  "/kyc": ["kyc_attempts", "kyc_refused", "kyc_seconds"],
  "/limits/count": ["limits_set"],
  "/limits/monthlyDeposit": ["monthly_deposit_limit"],
  "/limits": ["limits_set", "monthly_deposit_limit"],
  "/browsing/sessions": ["sessions", "seconds_per_session", "demo_games_per_session"],
  "/browsing/seconds": ["browsing_seconds", "seconds_per_session", "night_share"],
  "/browsing/nightSeconds": ["night_share"],
  "/browsing/pages": ["pages", "bonus_page_share"],
  "/browsing/bonusPages": ["bonus_page_share"],
  "/browsing/responsibleGamblingPages": ["responsible_gambling_pages"],
  "/browsing/depositPages": ["deposit_pages"],
  "/browsing/demoGames": ["demo_games", "demo_games_per_session"],
};

describe("features", () => {
  test("are those computed by hand", () => {
    const expected: Record<BeforeInitialDepositFeature, number | null> = {
      age: 22,
      // 13:00 at +02:00 is 11:00 UTC.
      seconds_since_registration: 3600,
      registered_hour: 3,
      registered_at_night: 1,
      channel_affiliate: 1,
      channel_advert: 0,
      device_phone: 1,
      prior_exclusion: 1,
      accounts_elsewhere: 4,
      kyc_attempts: 3,
      kyc_refused: 2,
      kyc_seconds: 240,
      limits_set: 2,
      monthly_deposit_limit: 300,
      sessions: 4,
      browsing_seconds: 1200,
      seconds_per_session: 300,
      night_share: 0.75,
      pages: 40,
      bonus_page_share: 0.45,
      responsible_gambling_pages: 3,
      deposit_pages: 5,
      demo_games: 6,
      demo_games_per_session: 1.5,
    };
    expect(extract(base)).toEqual(expected);
  });

  test.each(Object.entries(SOURCES))(
    "without %s are null where they are made of it, and unchanged elsewhere",
    (at, names) => {
      const found = extract(withValue(base, at, undefined));
      expect(found).toEqual({ ...extract(base), ...Object.fromEntries(names.map((name) => [name, null])) });
    },
  );

  test("each have a source", () => {
    expect(new Set(Object.values(SOURCES).flat()).size).toBe(features.length);
  });

  test("of a player of whom nothing is known are all null", () => {
    const { dataset, playerId, operatorId, asOf } = base;
    const nothing = { dataset, playerId, operatorId, asOf };
    expect(check(nothing)).toEqual([]);
    expect(Object.values(extract(nothing)).every((value) => value === null)).toBe(true);
  });

  test("tell 0 and false from missing", () => {
    const zero = { ...base, priorExclusion: false, accountsElsewhere: 0, limits: { count: 0 }, registeredHour: 5 };
    expect(extract(zero)).toMatchObject({
      prior_exclusion: 0,
      accounts_elsewhere: 0,
      limits_set: 0,
      monthly_deposit_limit: null,
      registered_at_night: 0,
    });
  });

  test("are null or finite for every valid record", () => {
    let known = 0;
    fc.assert(
      fc.property(anyBeforeInitialDeposit, (record) => {
        fc.pre(rules(record).length === 0);
        expect(check(record)).toEqual([]);
        for (const value of Object.values(extract(record))) {
          if (value !== null) expect(Number.isFinite(value)).toBe(true);
          known += Number(value !== null);
        }
      }),
    );
    expect(known).toBeGreaterThan(100);
  });
});

test("all markers fire for a player who shows them all", () => {
  const fired = beforeInitialDeposit.markers.filter(({ fires }) => fires(extract(base))).map(({ name }) => name);
  expect(fired).toEqual([
    "prior-exclusion",
    "responsible-gambling-interest",
    "several-accounts",
    "identity-check-friction",
    "bonus-seeking",
    "night-registration",
    "young-adult",
  ]);
});

describe("schema", () => {
  test("accepts the record that the refusals start from", () => {
    expect(check(base)).toEqual([]);
    expect(rules(base)).toEqual([]);
  });

  test.each<[string, unknown, RegExp]>([
    ["/dataset", "gambling-behaviour", /must be "before-initial-deposit"/],
    ["/playerId", "someone@example.org", /must match/],
    ["/operatorId", undefined, /is missing/],
    ["/asOf", "2026-03-31", /date|RFC 3339/],
    ["/age", 17, />= 18/],
    ["/gender", "unknown", /must be one of female, male, other/],
    ["/country", "GBR", /must match/],
    ["/channel", "pigeon", /must be one of direct, /],
    ["/device", "watch", /must be one of desktop, /],
    ["/registeredHour", 24, /<= 23/],
    ["/priorExclusion", "yes", /must be boolean/],
    ["/accountsElsewhere", -1, />= 0/],
    ["/kyc/attempts", 0.5, /must be integer/],
    ["/kyc/passport", "x", /not a known field/],
    ["/limits/monthlyDeposit", -1, />= 0/],
    ["/browsing/pages", -1, />= 0/],
    ["/name", "someone", /not a known field/],
    ["/age", null, /is null; leave the field out/],
  ])("refuses %s = %j", (pointer, value, message) => {
    const problems = check(withValue(base, pointer, value));
    expect(problems).toContainEqual({ pointer, message: expect.stringMatching(message) });
    for (const problem of problems) expect(problem.pointer).toBe(pointer);
    expect(JSON.stringify(problems)).not.toContain("someone");
  });
});

describe("rules", () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ["/registeredAt", { "/registeredAt": "2026-03-31T12:00:01Z" }, /after asOf/],
    ["/kyc/attempts", { "/kyc/attempts": 0 }, /although time was spent/],
    ["/limits/count", { "/limits/count": 0 }, /although a deposit limit was set/],
    ["/browsing/nightSeconds", { "/browsing/nightSeconds": 1201 }, /more than seconds/],
    ["/browsing/seconds", { "/browsing/sessions": 0 }, /without sessions/],
    ["/browsing/pages", { "/browsing/pages": 25 }, /less than/],
  ])("find %s in %j", (pointer, changes, message) => {
    const record = Object.entries(changes).reduce((at, [where, value]) => withValue(at, where, value), base);
    expect(check(record)).toEqual([]);
    expect(rules(record)).toEqual([{ pointer, message: expect.stringMatching(message) }]);
  });

  test.each(["/kyc/seconds", "/limits/monthlyDeposit", "/browsing/seconds", "/browsing/pages", "/registeredAt"])(
    "have nothing to say when %s is unknown",
    (pointer) => {
      expect(rules(withValue(base, pointer, undefined))).toEqual([]);
    },
  );
});
