import fc from "fast-check";
import { type Baseline, DriftCounter } from "../../../../../catalogue/drift/drift";
import {
  hourPrefixes,
  lineCounter,
  measured,
  parseReference,
  reportKey,
  reportOf,
  sharesOf,
  windowOf,
} from "../../../../../handlers/monitoring/drift/logic";

const now = new Date("2026-11-23T10:15:00Z");
const bins = { edges: [1, 2], shares: [0.25, 0.5, 0.25], missing: 0.2 };
const baseline: Baseline = { rows: 1000, features: [bins, { edges: [], shares: [0], missing: 1 }], score: bins };
const stored = { schemaVersion: 1, model: "m", modelVersion: "v", ...baseline };

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

describe("shares", () => {
  const objects = (...sizes: number[]) => sizes.map((size, index) => ({ key: String(index), size }));

  test("are in proportion to the bytes", () => {
    expect(sharesOf(objects(100, 300), 40)).toEqual([
      { key: "0", rows: 10 },
      { key: "1", rows: 30 },
    ]);
  });

  test("a sample of many small objects takes every so many-th of one row each", () => {
    expect(sharesOf(objects(...Array<number>(10).fill(7)), 5).map(({ key }) => key)).toEqual(["1", "3", "5", "7", "9"]);
  });

  test("add up to the most rows, whatever the sizes, and each is of an object", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { maxLength: 50 }), fc.integer({ min: 1, max: 5000 }), (sizes, most) => {
        const shares = sharesOf(objects(...sizes), most);
        const sum = shares.reduce((total, { rows }) => total + rows, 0);
        expect(sum).toBe(sizes.some((size) => size > 0) ? most : 0);
        for (const { key, rows } of shares) expect([sizes[Number(key)] === 0, rows > 0]).toEqual([false, true]);
      }),
    );
  });
});

describe("lines", () => {
  const wanted = { model: "m", featureHash: "hash", from: new Date("2026-11-23T08:00:00Z") };
  const line = {
    at: "2026-11-23T09:00:00.5Z",
    featureHash: "hash",
    features: [1.5, null],
    scores: { m: 0.5, other: 7 },
  };
  const count = (text: string | undefined) => {
    const counter = new DriftCounter(baseline);
    return [lineCounter(counter, wanted)(text), counter.rows];
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
  });

  test.each([
    [{ schemaVersion: 2 }, "baseline.json schemaVersion must be 1 (found a number)"],
    [{ rows: 0 }, "baseline.json rows must be a whole number of at least 1"],
    [{ features: [bins] }, "has 1 features, the dataset 2"],
    [{ features: undefined }, "baseline.json features is missing"],
    [{ features: [bins, { ...bins, shares: [1] }] }, "feature 1 has no bins"],
    [
      { features: [bins, { ...bins, edges: [1, null] }] },
      "baseline.json features[1].edges[1] must be a number (found null)",
    ],
    [{ score: undefined }, "baseline.json score is missing"],
    [{ score: { ...bins, missing: undefined } }, "baseline.json score.missing is missing"],
    [{ score: { ...bins, shares: [1] } }, "the score has no bins"],
  ])("with %j is refused", (change, message) => {
    expect(() => parseReference(JSON.stringify({ ...stored, ...change }), 2)).toThrow(message);
  });
});

test("a measurement's result is the report's headline", () => {
  const counter = new DriftCounter(baseline);
  for (let row = 0; row < 300; row += 1) counter.add([0, 1], 1.5);
  const measurement = {
    model: "m",
    modelVersion: "v",
    featureHash: "hash",
    window: windowOf(now, 1),
    lines: { counted: 300, other: 1, bad: 2 },
    threshold: 0.25,
  };
  const report = reportOf(measurement, counter, ["stake", "visits"]);
  expect(JSON.parse(JSON.stringify(report))).toMatchObject({
    schemaVersion: 1,
    modelVersion: "v",
    window: { from: "2026-11-23T09:15:00.000Z", to: "2026-11-23T10:15:00.000Z" },
    lines: { bad: 2 },
    rows: 300,
    baselineRows: 1000,
    drifted: 2,
    features: [{ name: "stake" }, { name: "visits" }],
  });
  const { featureDrift, worst, ...result } = measured(measurement, report, "s3://b/k");
  expect(result).toEqual({
    model: "m",
    outcome: "measured",
    reason: "2 of 2 features have a PSI above 0.25",
    rows: 300,
    featuresDrifted: 2,
    scoreDrift: report.score.psi,
    report: "s3://b/k",
  });
  expect(worst).toEqual([
    { name: "visits", psi: featureDrift },
    { name: "stake", psi: expect.any(Number) },
  ]);
});
