import fc from "fast-check";
import type { Outcome } from "../../../../catalogue/datasets/kit/outcome";
import {
  exclusionWithin,
  isObserved,
  observedStake,
  watchedUntil,
} from "../../../../catalogue/labelling/outcome-labels";

const AS_OF = "2026-01-01T00:00:00Z";
const DAY = 86_400_000;
const HORIZON = 90;
const milliseconds = (days: number) => Date.parse(AS_OF) + days * DAY;
const day = (days: number) => new Date(milliseconds(days)).toISOString();
const record = (outcome: Outcome, registeredAt?: string) => ({
  ...{ dataset: "gambling-behaviour", playerId: "player", operatorId: "operator", asOf: AS_OF },
  ...(registeredAt !== undefined && { registeredAt }),
  outcome,
});
const labelOf = exclusionWithin(HORIZON);
const judge = (outcome: Outcome) => {
  const label = labelOf(record(outcome));
  return label?.ifWatchedUntil === undefined ? (label?.value ?? null) : `${label.value} if watched`;
};
const verdict = (value: 0 | 1, at = 3, source: "operator" | "labeller" = "operator") => ({
  label: { value, source, at: day(at) },
});
/** Watched for longer than the horizon. */
const long = { observedUntil: day(400) };
const bet = { firstBetAt: day(-90) };

describe("an exclusion within 90 days", () => {
  test.each<[string, Outcome, number | string | null]>([
    ["nothing known", {}, null],

    ["excluded, and watched for all of the horizon", { ...bet, selfExcludedAt: day(30), observedUntil: day(90) }, 1],
    ["excluded right after asOf", { ...bet, ...long, selfExcludedAt: day(0.001) }, 1],
    ["excluded at the end of the horizon", { ...bet, ...long, selfExcludedAt: day(90) }, 1],
    ["excluded after it", { ...bet, ...long, selfExcludedAt: day(90.01) }, 0],
    ["excluded two years after it", { ...bet, selfExcludedAt: day(700), observedUntil: day(800) }, 0],
    ["excluded at asOf, so known then", { ...bet, ...long, selfExcludedAt: day(0) }, null],
    ["excluded before asOf", { ...bet, ...long, selfExcludedAt: day(-1) }, null],

    ["watched for 90 days", { observedUntil: day(90) }, 0],
    ["watched for a little less", { observedUntil: day(89.99) }, null],
    ["watched until before asOf", { observedUntil: day(-1) }, null],
    [
      "excluded, and watched a while longer, but not for 90 days",
      { selfExcludedAt: day(30), observedUntil: day(60) },
      null,
    ],

    ["excluded, and the watch ended with that", { selfExcludedAt: day(30), observedUntil: day(30.9) }, "1 if watched"],
    ["excluded, and nobody says until when it was watched", { selfExcludedAt: day(30) }, "1 if watched"],
    [
      "excluded after the horizon, and the watch ended with that",
      { selfExcludedAt: day(300), observedUntil: day(300) },
      "0 if watched",
    ],
    ["excluded after the horizon, and nobody says", { selfExcludedAt: day(300) }, "0 if watched"],

    ["excluded exactly a week after the first bet", { ...long, selfExcludedAt: day(5), firstBetAt: day(-2) }, 1],
    ["excluded sooner", { ...long, selfExcludedAt: day(4.99), firstBetAt: day(-2) }, null],
    ["excluded sooner, first bet after asOf", { ...long, selfExcludedAt: day(9), firstBetAt: day(3) }, null],
    ["excluded later, first bet after asOf", { ...long, selfExcludedAt: day(10), firstBetAt: day(3) }, 1],
    ["excluded, and nobody says when the first bet was", { ...long, selfExcludedAt: day(2) }, 1],
  ])("%s", (_, outcome, expected) => {
    expect(judge(outcome)).toBe(expected);
  });

  test.each<[string, string, Outcome, number | null]>([
    ["too early for a week of play", day(-4.99), { selfExcludedAt: day(2) }, null],
    ["a week before", day(-5), { selfExcludedAt: day(2) }, 1],
    ["long before a first bet that was too late", day(-90), { selfExcludedAt: day(2), firstBetAt: day(0) }, null],
  ])("the registration tells of a first bet that is left out: %s", (_, registeredAt, outcome, expected) => {
    expect(labelOf(record({ ...long, ...outcome }, registeredAt))?.value ?? null).toBe(expected);
  });

  test.each<[string, Outcome, number | null]>([
    ["as a problem", verdict(1), 1],
    ["as none", verdict(0), 0],
    ["as none, although excluded", { ...verdict(0), ...bet, ...long, selfExcludedAt: day(30) }, 0],
    ["as a problem, although not excluded", { ...verdict(1), ...long }, 1],
    ["before asOf, so known then", { ...verdict(1, -3), ...long }, 0],
    ["at asOf", { ...verdict(1, 0), ...long }, 0],
    ["on the last day of the horizon", { ...verdict(1, 90), ...long }, 1],
    ["after the horizon, knowing what happened since", { ...verdict(1, 90.01), ...long }, 0],
    ["after the horizon by a labeller, who sees the record alone", { ...verdict(1, 200, "labeller"), ...long }, 1],
    ["before asOf by a labeller", { ...verdict(1, -1, "labeller"), ...long }, 0],
  ])("judged %s", (_, outcome, expected) => {
    expect(judge(outcome)).toBe(expected);
  });

  const days = fc.integer({ min: -200, max: 400 });
  const watched = fc.record({ first: days, until: days, horizon: fc.integer({ min: 1, max: 365 }) });

  test("whether there is a label depends on how long the player was watched, and not on what they did", () => {
    fc.assert(
      fc.property(watched, fc.integer({ min: 1, max: 400 }), ({ until, horizon }, excluded) => {
        const label = exclusionWithin(horizon);
        const quiet = label(record({ observedUntil: day(until) }));
        const gone = label(
          record({ observedUntil: day(Math.max(until, excluded + 1)), selfExcludedAt: day(excluded) }),
        );
        if (until > excluded) expect(gone === null).toBe(quiet === null);
        if (gone) expect(gone.value).toBe(Number(excluded <= horizon));
        if (quiet) expect(quiet.value).toBe(0);
      }),
    );
  });

  test("longer watching never makes a label unknown, nor another", () => {
    fc.assert(
      fc.property(watched, fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }), ({ horizon }, excluded) => {
        const at = (until: number) =>
          exclusionWithin(horizon)(
            record({ observedUntil: day(until), ...(excluded !== undefined && { selfExcludedAt: day(excluded) }) }),
          );
        const least = Math.max(horizon, (excluded ?? 0) + 1);
        expect(at(least)).not.toBeNull();
        expect(at(least + 100)).toEqual(at(least));
      }),
    );
  });

  test("does not depend on how an instant is written", () => {
    expect(judge({ observedUntil: "2026-04-01T02:00:00+02:00" })).toBe(0);
    expect(judge({ observedUntil: "2026-04-01T01:59:59+02:00" })).toBeNull();
  });

  test("counts only if others were watched to the end of the horizon, where the record does not say", () => {
    expect(labelOf(record({ selfExcludedAt: day(30) }))?.ifWatchedUntil).toBe(milliseconds(HORIZON));
    expect(labelOf(record({ selfExcludedAt: day(30), observedUntil: day(90) }))).not.toHaveProperty("ifWatchedUntil");
  });
});

test.each<[Outcome, string]>([
  [{ ...verdict(1), selfExcludedAt: day(30), ...bet }, "operator"],
  [verdict(0, 3, "labeller"), "labeller"],
  [{ ...bet, ...long, selfExcludedAt: day(30) }, "self-exclusion"],
  [{ ...bet, ...long, selfExcludedAt: day(300) }, "observation"],
  [long, "observation"],
])("the label of %j comes from %s", (outcome, source) => {
  const label = labelOf(record(outcome));
  expect(label?.source).toBe(source);
  expect(label && isObserved(label.source)).toBe(outcome.label === undefined);
});

test.each<[Outcome, number | undefined]>([
  [{}, undefined],
  [{ observedUntil: day(7) }, milliseconds(7)],
  [{ observedUntil: day(7), selfExcludedAt: day(7) }, undefined],
])("%j tells until when a player was watched", (outcome, expected) => {
  expect(watchedUntil(record(outcome))).toBe(expected);
});

test.each<[Outcome, number | null]>([
  [{ stake: 12.5 }, 12.5],
  [{ stake: 0 }, 0],
  [{}, null],
  [{ observedUntil: day(90) }, null],
])("stake of %j", (outcome, expected) => {
  expect(observedStake(record(outcome))?.value ?? null).toBe(expected);
});
