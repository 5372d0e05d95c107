import { PlayerRows } from "../../../../../catalogue/drift/player-rows";
import type { Reference } from "../../../../../catalogue/drift/reference";
import {
  hourPrefixes,
  lineCounter,
  parseReference,
  reportKey,
  windowOf,
} from "../../../../../handlers/monitoring/drift/logic";

const now = new Date("2026-11-23T10:15:00Z");
const bins = { edges: [1, 2], shares: [0.25, 0.5, 0.25], missing: 0.2 };
const groups = { moderate: 0.1, high: 0.3, severe: 0.6 };
const baseline: Reference = {
  rows: 1000,
  features: [bins, { edges: [], shares: [0], missing: 1 }],
  score: bins,
  risk: { thresholds: groups, atOrAbove: groups },
};
const stored = { schemaVersion: 2, model: "m", modelVersion: "v", ...baseline };

describe("window", () => {
  test("looks back so many hours", () => {
    expect(windowOf(now, 24)).toEqual({ from: new Date("2026-11-22T10:15:00Z"), to: now });
  });

  test.each([
    ["2026-11-23T08:00:00.000Z", "2026-11-23T08:00:00Z"],
    ["2026-11-01T08:00:00.000Z", "2026-11-22T10:15:00Z"],
    ["nonsense", "2026-11-22T10:15:00Z"],
  ])("of a version that serves since %s begins at %s", (since, from) => {
    expect(windowOf(now, 24, since).from).toEqual(new Date(from));
  });

  test.each([0, -1, Number.NaN, 745, Number.POSITIVE_INFINITY, "24h" as unknown as number])(
    "%p hours are refused",
    (hours) => {
      expect(() => windowOf(now, hours)).toThrow("hours must be above 0 and at most 720");
    },
  );

  test("its prefixes are its hours and the one before", () => {
    expect(hourPrefixes(windowOf(now, 2))).toEqual([
      "captured/2026/11/23/07/",
      "captured/2026/11/23/08/",
      "captured/2026/11/23/09/",
      "captured/2026/11/23/10/",
    ]);
    expect(hourPrefixes(windowOf(new Date("2026-01-01T00:00:00Z"), 1))).toEqual([
      "captured/2025/12/31/22/",
      "captured/2025/12/31/23/",
      "captured/2026/01/01/00/",
    ]);
  });

  test("names its report", () => {
    expect(reportKey(windowOf(now, 1))).toBe("drift/20261123-101500.json");
  });
});

describe("lines", () => {
  const wanted = { model: "m", featureHash: "hash", from: new Date("2026-11-23T08:00:00Z") };
  const line = {
    at: "2026-11-23T09:00:00.5Z",
    player: "key",
    featureHash: "hash",
    features: [1.5, null],
    scores: { m: 0.5, other: 7 },
  };
  const count = (text: string | undefined) => {
    const players = new PlayerRows(10);
    return [lineCounter(players, wanted, 2)(text), players.players];
  };

  test("of the version and the window are counted", () => {
    expect(count(JSON.stringify(line))).toEqual(["counted", 1]);
  });

  test.each([
    ["other features", { featureHash: "older" }],
    ["an earlier time", { at: "2026-11-23T07:59:59Z" }],
    ["no score of the model", { scores: { other: 7 } }],
  ])("with %s are others", (_, change) => {
    expect(count(JSON.stringify({ ...line, ...change }))).toEqual(["other", 0]);
  });

  test.each([
    ["nothing", ""],
    ["a broken line", '{"at":'],
    ["null", "null"],
    ["a list", "[]"],
    ["no instant", JSON.stringify({ ...line, at: "today" })],
    ["no player", JSON.stringify({ ...line, player: undefined })],
    ["no hash", JSON.stringify({ ...line, featureHash: 7 })],
    ["a feature too few", JSON.stringify({ ...line, features: [1] })],
    ["a text among the features", JSON.stringify({ ...line, features: [1, "2"] })],
    ["features that are no list", JSON.stringify({ ...line, features: { 0: 1 } })],
    ["a text as score", JSON.stringify({ ...line, scores: { m: "0.5" } })],
    ["no scores", JSON.stringify({ ...line, scores: null })],
  ])("%s is a bad line", (_, text) => {
    expect(count(text)).toEqual(["bad", 0]);
  });

  test("a line that is too long is a bad one", () => {
    expect(count(undefined)).toEqual(["bad", 0]);
  });
});

describe("reference distribution", () => {
  test("is read", () => {
    expect(parseReference(JSON.stringify(stored), 2)).toEqual(baseline);
    expect(parseReference(JSON.stringify({ ...stored, risk: null }), 2)).toEqual({ ...baseline, risk: null });
  });

  test("of an earlier release is none", () => {
    expect(parseReference(JSON.stringify({ schemaVersion: 1 }), 2)).toBeUndefined();
  });

  test.each([
    [{ schemaVersion: 3 }, "the reference schemaVersion must be 2 (found a number)"],
    [{ schemaVersion: undefined }, "the reference schemaVersion is missing"],
    [{ rows: 0 }, "the reference rows must be a whole number of at least 1"],
    [{ features: [bins] }, "has 1 features, the dataset 2"],
    [{ features: undefined }, "the reference features is missing"],
    [{ features: [bins, { ...bins, shares: [1] }] }, "the reference features[1].shares must be one more than edges"],
    [
      { features: [bins, { ...bins, edges: [1, null] }] },
      "the reference features[1].edges[1] must be a number (found null)",
    ],
    [{ score: undefined }, "the reference score is missing"],
    [{ score: { ...bins, missing: undefined } }, "the reference score.missing is missing"],
    [{ risk: { thresholds: groups } }, "the reference risk.atOrAbove is missing"],
  ])("with %j is refused", (change, message) => {
    expect(() => parseReference(JSON.stringify({ ...stored, ...change }), 2)).toThrow(message);
  });
});
