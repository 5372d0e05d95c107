import fc from "fast-check";
import type { Outcome } from "../../../../catalogue/datasets/kit/outcome";
import { TARGETS } from "../../../../catalogue/targets";

const AS_OF = "2026-01-01T00:00:00Z";
const DAY = 86_400_000;
const day = (days: number) => new Date(Date.parse(AS_OF) + days * DAY).toISOString();
const record = (outcome: Outcome) => ({
  dataset: "gambling-behaviour",
  playerId: "player",
  operatorId: "operator",
  asOf: AS_OF,
  outcome,
});
const judge = (outcome: Outcome) => TARGETS["problem-gambling"].label(record(outcome))?.value ?? null;
const verdict = (value: 0 | 1) => ({ value, source: "operator" as const, at: day(3) });

describe("problem gambling", () => {
  test.each<[string, Outcome, number | null]>([
    ["nothing known", {}, null],
    ["reviewed as a problem", { label: verdict(1) }, 1],
    ["reviewed as none", { label: verdict(0) }, 0],
    ["reviewed as none, although excluded", { label: verdict(0), selfExcludedAt: day(30), firstBetAt: day(-90) }, 0],
    ["reviewed as a problem, although not excluded", { label: verdict(1), observedUntil: day(400) }, 1],
    ["excluded", { selfExcludedAt: day(30), firstBetAt: day(-90), observedUntil: day(100) }, 1],
    ["excluded right after asOf", { selfExcludedAt: day(0.001), firstBetAt: day(-90) }, 1],
    [
      "excluded at asOf, so known then",
      { selfExcludedAt: day(0), firstBetAt: day(-90), observedUntil: day(400) },
      null,
    ],
    ["excluded before asOf", { selfExcludedAt: day(-1), firstBetAt: day(-90), observedUntil: day(400) }, null],
    ["excluded exactly a week after the first bet", { selfExcludedAt: day(5), firstBetAt: day(-2) }, 1],
    ["excluded less than a week after the first bet", { selfExcludedAt: day(4.99), firstBetAt: day(-2) }, null],
    ["excluded early, first bet after asOf", { selfExcludedAt: day(9), firstBetAt: day(3) }, null],
    ["excluded later, first bet after asOf", { selfExcludedAt: day(10), firstBetAt: day(3) }, 1],
    ["excluded before the first bet", { selfExcludedAt: day(9), firstBetAt: day(20) }, null],
    ["excluded without a known bet", { selfExcludedAt: day(30), observedUntil: day(100) }, null],
    ["watched for 90 days", { observedUntil: day(90) }, 0],
    ["watched for a little less", { observedUntil: day(89.99) }, null],
    ["watched until before asOf", { observedUntil: day(-1) }, null],
    ["watched for 90 days without a bet", { observedUntil: day(90), firstBetAt: day(-90) }, 0],
  ])("%s", (_, outcome, expected) => {
    expect(judge(outcome)).toBe(expected);
  });

  const instant = fc.integer({ min: -200, max: 400 }).map(day);
  const anyOutcome = fc.record(
    { selfExcludedAt: instant, firstBetAt: instant, observedUntil: instant },
    { requiredKeys: [] },
  );

  test("a person's verdict always counts", () => {
    fc.assert(
      fc.property(anyOutcome, fc.constantFrom(0 as const, 1 as const), (outcome, value) => {
        expect(judge({ ...outcome, label: verdict(value) })).toBe(value);
      }),
    );
  });

  test("an exclusion is never a negative, and no exclusion never a positive", () => {
    const seen = new Set<unknown>();
    fc.assert(
      fc.property(anyOutcome, (outcome) => {
        const label = judge(outcome);
        seen.add(label);
        expect(label).not.toBe(outcome.selfExcludedAt === undefined ? 1 : 0);
      }),
      { numRuns: 500 },
    );
    expect(seen).toEqual(new Set([null, 0, 1]));
  });

  test("longer observation never makes a negative unknown", () => {
    fc.assert(
      fc.property(fc.integer({ min: 90, max: 1000 }), (days) => {
        expect(judge({ observedUntil: day(days) })).toBe(0);
      }),
    );
  });

  test("does not depend on how an instant is written", () => {
    expect(judge({ observedUntil: "2026-04-01T02:00:00+02:00" })).toBe(0);
    expect(judge({ observedUntil: "2026-04-01T01:59:59+02:00" })).toBeNull();
  });
});

test.each<[Outcome, string]>([
  [{ label: verdict(1), selfExcludedAt: day(30), firstBetAt: day(-90) }, "operator"],
  [{ label: { ...verdict(0), source: "labeller" } }, "labeller"],
  [{ selfExcludedAt: day(30), firstBetAt: day(-90), observedUntil: day(90) }, "self-exclusion"],
  [{ observedUntil: day(90) }, "observation"],
])("the label of %j comes from %s", (outcome, source) => {
  expect(TARGETS["problem-gambling"].label(record(outcome))?.source).toBe(source);
});

test.each<[Outcome, number | null]>([
  [{ stake: 12.5 }, 12.5],
  [{ stake: 0 }, 0],
  [{}, null],
  [{ observedUntil: day(90) }, null],
])("stake of %j", (outcome, expected) => {
  expect(TARGETS.stake.label(record(outcome))?.value ?? null).toBe(expected);
});
