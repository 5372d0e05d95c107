import { datasetNamed } from "../../../../catalogue/datasets";
import { beforeInitialDeposit } from "../../../../catalogue/datasets/before-initial-deposit";
import type { BeforeInitialDepositRecord } from "../../../../catalogue/datasets/before-initial-deposit/record";
import { gamblingBehaviour } from "../../../../catalogue/datasets/gambling-behaviour";
import type { GamblingBehaviourRecord } from "../../../../catalogue/datasets/gambling-behaviour/record";
import { GROUPS, type Group } from "../../../../catalogue/datasets/gambling-behaviour/vocabulary";
import type { Needs } from "../../../../catalogue/datasets/kit/dataset";
import { MILLISECONDS_PER_DAY } from "../../../../catalogue/datasets/kit/time";
import { modelNamed, models } from "../../../../catalogue/models";
import { gamblingBehaviourRecord as base, beforeInitialDepositRecord, withValue } from "./records";

const OPTIONS = { seed: 17, players: 1500, now: "2026-11-01T00:00:00Z" };
const { needs, riskThresholds } = modelNamed("gambling-behaviour-problem-gambling");
const HIGH = riskThresholds?.high as number;

const without = (record: GamblingBehaviourRecord, ...groups: readonly Group[]): GamblingBehaviourRecord => ({
  ...record,
  reported: record.reported.filter((group) => !groups.includes(group)),
  days: record.days.map((row) => ({ ...row, ...Object.fromEntries(groups.map((group) => [group, undefined])) })),
});
const later = (record: GamblingBehaviourRecord, days: number): GamblingBehaviourRecord => ({
  ...record,
  asOf: new Date(Date.parse(record.asOf) + days * MILLISECONDS_PER_DAY).toISOString(),
});
/** The last rows of a record that says that it begins with them. */
const lastRows = (record: GamblingBehaviourRecord, rows: number): GamblingBehaviourRecord => {
  const days = record.days.slice(-rows);
  return { ...record, days, observedFrom: days[0]?.date ?? record.observedFrom };
};

describe("synthetic players", () => {
  const players = [...gamblingBehaviour.generate(OPTIONS)];
  const judged = ({ record }: { readonly record: GamblingBehaviourRecord }) =>
    gamblingBehaviour.lacking(record, needs).length === 0;
  const atRisk = players.filter((player) => player.probability >= HIGH && judged(player)).map(({ record }) => record);

  test.each<[string, (record: GamblingBehaviourRecord) => GamblingBehaviourRecord]>([
    ["deposits are left out", (record) => without(record, "deposits")],
    ["the last seven rows alone are sent", (record) => lastRows(record, 7)],
    ["asOf is nine days later", (record) => later(record, 9)],
    ["contacts alone are reported", (record) => ({ ...record, reported: ["contacts"], days: [] })],
  ])("at high risk are never judged to be below it when %s", (_, change) => {
    expect(atRisk.length).toBeGreaterThan(60);
    // Of a newcomer, seven rows may be all that there is.
    const changed = atRisk.map(change).filter(({ days, asOf }, index) => {
      const { days: before, asOf: then } = atRisk[index] as GamblingBehaviourRecord;
      return days.length < before.length || asOf !== then || days[0] !== before[0];
    });
    expect(changed.length).toBeGreaterThan(50);
    expect(changed.filter((record) => gamblingBehaviour.lacking(record, needs).length === 0)).toEqual([]);
  });

  test("at low risk, told honestly, are judged, but for few", () => {
    const low = players.filter(({ probability }) => probability < 0.1);
    const unknown = low.filter((player) => !judged(player)).length / low.length;
    expect(unknown).toBeGreaterThan(0);
    expect(unknown).toBeLessThan(0.06);
  });

  test.each(models.map((model) => [model.name, model] as const))("%s can judge nearly all of them", (_, model) => {
    const dataset = datasetNamed(model.dataset);
    const unknown = [...dataset.generate({ ...OPTIONS, players: 300 })].filter(
      ({ record }) => dataset.lacking(record, model.needs).length > 0,
    );
    expect(unknown.length).toBeLessThan(24);
  });
});

describe("gambling-behaviour", () => {
  const full: GamblingBehaviourRecord = { ...base, observedUntil: "2026-03-31" };
  const all: Needs = { groups: GROUPS, days: { upTo: 90, lag: 1 } };
  const lacks = (changes: Readonly<Record<string, unknown>>, wanted = all) =>
    gamblingBehaviour.lacking(
      Object.entries(changes).reduce((record, [pointer, value]) => withValue(record, pointer, value), full),
      wanted,
    );

  test("lacks nothing when all groups and 90 days are there", () => {
    expect(lacks({})).toEqual([]);
    // The day of asOf is one of them, and counts for nothing.
    expect(gamblingBehaviour.extract(full).observed_days).toBe(89);
  });

  test.each(GROUPS)("lacks %s when they are not reported", (group) => {
    expect(gamblingBehaviour.lacking(without(full, group), all)).toEqual([group]);
    expect(gamblingBehaviour.lacking(without(full, group), { ...all, groups: [] })).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
    ["the first of 90 days is left out", { "/observedFrom": "2026-01-02" }, ["earlier-days"]],
    ["more than 90 days are there", { "/observedFrom": "2025-06-01" }, []],
    ["the account is younger, and all of its life is there", young("2026-03-20", "2026-03-20T08:00:00Z"), []],
    ["it is younger still than its days say", young("2026-03-01", "2026-03-20T08:00:00Z"), []],
    ["a day of its life is left out", young("2026-03-21", "2026-03-20T23:59:59Z"), ["earlier-days"]],
    ["nothing says how old it is", young("2026-03-20", undefined), ["earlier-days"]],
    ["it was opened today", young("2026-03-31", "2026-03-31T11:00:00Z"), ["whole-day"]],
    ["the day of asOf is not over", { "/observedUntil": "2026-03-30" }, []],
    ["the last two days are left out", { "/observedUntil": "2026-03-29" }, ["latest-days"]],
    ["the last row alone says until when days were observed", { "/observedUntil": undefined }, []],
    ["and that was long ago", { "/observedUntil": undefined, "/asOf": "2026-04-02T00:00:00Z" }, ["latest-days"]],
    ["nothing says until when", { "/observedUntil": undefined, "/days": [] }, ["latest-days"]],
    ["nothing happened, and the record says so", { "/days": [] }, []],
    ["asOf is by another clock", { "/asOf": "2026-04-01T01:00:00+02:00" }, []],
  ])("when %s", (_, changes, expected) => {
    expect(lacks(changes)).toEqual(expected);
  });

  test("names all that is lacking", () => {
    const bare: GamblingBehaviourRecord = { ...full, reported: ["contacts"], days: [], observedUntil: "2026-01-09" };
    expect(gamblingBehaviour.lacking({ ...bare, observedFrom: "2026-01-09" }, needs)).toEqual([
      ...["bets", "deposits", "sessions", "balance", "limits"],
      ...["earlier-days", "latest-days"],
    ]);
  });

  function young(observedFrom: string, registeredAt: string | undefined) {
    return { "/observedFrom": observedFrom, "/registeredAt": registeredAt };
  }
});

describe("before-initial-deposit", () => {
  test.each<[string, unknown, readonly string[]]>([
    ["/age", undefined, []],
    ["/priorExclusion", undefined, ["priorExclusion"]],
    ["/accountsElsewhere", undefined, ["accountsElsewhere"]],
    ["/accountsElsewhere", 0, []],
    ["/browsing", undefined, ["browsing"]],
    ["/browsing", {}, ["browsing"]],
    ["/browsing/bonusPages", undefined, ["browsing"]],
    ["/browsing/demoGames", undefined, []],
  ])("with %s = %j lacks %j", (pointer, value, expected) => {
    const record: BeforeInitialDepositRecord = withValue(beforeInitialDepositRecord, pointer, value);
    const groups = ["priorExclusion", "accountsElsewhere", "browsing"];
    expect(beforeInitialDeposit.lacking(record, { groups })).toEqual(expected);
  });

  test("a group that nobody knows is lacking", () => {
    expect(beforeInitialDeposit.lacking(beforeInitialDepositRecord, { groups: ["weather"] })).toEqual(["weather"]);
  });
});
