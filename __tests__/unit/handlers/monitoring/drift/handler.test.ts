import { gzipSync } from "node:zlib";
import { featureHash } from "../../../../../catalogue/datasets/kit/dataset";
import { createHandler } from "../../../../../handlers/monitoring/drift/handler";
import { FakeBuckets, fakeTelemetry, named } from "../../fakes";
import { toy } from "../../toy";

// The handler takes the features from the catalogue: here from a dataset of two.
jest.mock("../../../../../catalogue/datasets", () => ({ datasetNamed: () => toy }));

const buckets = new FakeBuckets();
const output = fakeTelemetry();
const MODEL = "gambling-behaviour-problem-gambling";
const hash = featureHash(toy);
/** The parameter with the serving record. */
let servingRecord = "";
const handler = createHandler({
  environment: {
    DATA_BUCKETS: new Map([["gambling-behaviour", "data"]]),
    MODEL_BUCKETS: new Map([[MODEL, "model"]]),
    SERVING_PARAMETERS: new Map([[MODEL, "/serving"]]),
    WINDOW_HOURS: 2,
    MINIMUM_ROWS: 100,
    MAXIMUM_ROWS: 1000,
    DRIFT_THRESHOLD: 0.25,
  },
  telemetry: output.telemetry,
  buckets: buckets.open,
  parameter: async (name) => (name === "/serving" ? servingRecord : ""),
  now: () => Date.parse("2026-11-23T10:15:00Z"),
});
beforeEach(() => {
  buckets.reset();
  serving({});
  baseline();
});

const serving = (change: object) => {
  const record = { modelVersion: "v1", featureHash: hash, updatedAt: "2026-11-23T01:00:00.000Z", ...change };
  servingRecord = JSON.stringify(record);
};
const bins = { edges: [10, 20, 30], shares: [0.25, 0.25, 0.25, 0.25], missing: 0 };
const baseline = () =>
  buckets.store(
    "model/runs/v1/evaluation/baseline.json",
    JSON.stringify({ schemaVersion: 1, rows: 1000, features: [bins, { ...bins, missing: 0 }], score: bins }),
  );
/** Two objects of captured traffic: one as Firehose packs it, one plain. */
function captured(lines: readonly object[]): void {
  const half = lines.length / 2;
  const objects = {
    "captured/2026/11/23/09/a": gzipSync(
      `${lines
        .slice(0, half)
        .map((line) => JSON.stringify(line))
        .join("\n")}\n`,
    ),
    "captured/2026/11/23/10/b": Buffer.from(
      `${lines
        .slice(half)
        .map((line) => JSON.stringify(line))
        .join("\n")}\n!\n`,
    ),
  };
  for (const [key, content] of Object.entries(objects)) buckets.store(`data/${key}`, content, { size: 1000 });
}
/** Makes rows that are spread evenly over the reference distribution's bins; `stake` may be moved. */
const rows = (count: number, move = 0) =>
  Array.from({ length: count }, (_, index) => ({
    at: "2026-11-23T09:30:00.000Z",
    featureHash: hash,
    features: [5 + 10 * (index % 4) + move, 5 + 10 * ((index >> 2) % 4)],
    scores: { [MODEL]: 5 + 10 * (index % 4), other: 1 },
  }));

test("measures traffic like the baseline: no drift, a report, and metrics by model", async () => {
  captured(rows(400));
  expect(await handler({ model: MODEL })).toEqual({
    model: MODEL,
    outcome: "measured",
    reason: "0 of 2 features have a PSI above 0.25",
    rows: 400,
    featureDrift: 0,
    featuresDrifted: 0,
    scoreDrift: 0,
    worst: [
      { name: "stake", psi: 0 },
      { name: "visits", psi: 0 },
    ],
    report: "s3://model/drift/20261123-101500.json",
  });
  const [put, ...others] = buckets.puts;
  expect(others).toEqual([]);
  const [bucket, key, report] = put ?? [];
  expect([bucket, key]).toEqual(["model", "drift/20261123-101500.json"]);
  expect(JSON.parse(report ?? "")).toMatchObject({
    modelVersion: "v1",
    window: { from: "2026-11-23T08:15:00.000Z" },
    lines: { counted: 400, other: 0, bad: 1 },
  });
  expect(output.metrics()).toEqual([
    {
      model: MODEL,
      DriftRows: 400,
      FeatureDrift: 0,
      FeaturesDrifted: 0,
      ScoreDrift: 0,
    },
  ]);
  expect(output.text()).not.toContain("DriftSkipped");
});

test("finds the feature that moved", async () => {
  captured(rows(400, 15));
  const result = await handler({ model: MODEL });
  expect(result).toMatchObject({
    outcome: "measured",
    featuresDrifted: 1,
    scoreDrift: 0,
    worst: [{ name: "stake" }, {}],
  });
  expect(output.metrics()).toMatchObject([{ FeaturesDrifted: 1, FeatureDrift: expect.any(Number) }]);
  expect((output.metrics()[0] as { FeatureDrift: number }).FeatureDrift).toBeGreaterThan(0.25);
});

test("looks at the hours of the configuration, or of the caller, and not before the version served", async () => {
  const prefixes = () => buckets.listed.splice(0).map((prefix) => prefix.slice(-3, -1));
  await handler({ model: MODEL });
  expect(prefixes()).toEqual(["07", "08", "09", "10"]);
  await handler({ model: MODEL, hours: 4 });
  expect(prefixes()).toEqual(["05", "06", "07", "08", "09", "10"]);
  serving({ updatedAt: "2026-11-23T10:00:00.000Z" });
  await handler({ model: MODEL });
  expect(prefixes()).toEqual(["09", "10"]);
});

test("takes at most so many rows, of all objects", async () => {
  captured(rows(3000));
  expect(await handler({ model: MODEL })).toMatchObject({ rows: 1000 });
});

describe("is skipped, which is not to say that nothing drifted,", () => {
  afterEach(() => {
    expect(buckets.puts).toEqual([]);
    const [metrics, ...others] = output.metrics();
    expect(others).toEqual([]);
    expect(metrics).toMatchObject({ model: MODEL, DriftSkipped: 1, DriftRows: expect.any(Number) });
    expect(Object.keys(metrics ?? {}).filter((name) => /Feature|Score/.test(name))).toEqual([]);
  });

  test("with too few rows", async () => {
    captured(rows(98));
    expect(await handler({ model: MODEL })).toEqual({
      model: MODEL,
      outcome: "skipped",
      reason: "98 rows since 2026-11-23T08:15:00.000Z, fewer than the 100 that a measurement needs",
      rows: 98,
    });
  });

  test("with rows of another model and of other features only", async () => {
    captured([
      ...rows(200).map((row) => ({ ...row, featureHash: "x" })),
      ...rows(200).map((row) => ({ ...row, scores: {} })),
    ]);
    expect(await handler({ model: MODEL })).toMatchObject({ outcome: "skipped", rows: 0 });
  });

  test("without a baseline, as of the initial model", async () => {
    serving({ modelVersion: "initial", updatedAt: undefined });
    expect(await handler({ model: MODEL })).toEqual({
      model: MODEL,
      outcome: "skipped",
      reason: "version initial has no baseline; the next one trained has",
      rows: 0,
    });
  });

  test("for a model of other features than the dataset has", async () => {
    serving({ featureHash: "older" });
    expect(await handler({ model: MODEL })).toMatchObject({
      outcome: "skipped",
      reason: `version v1 takes features older, not ${hash}: retrain it`,
    });
  });
});

test.each([
  ["an unknown model", { model: "poker" }, "catalogue/models.ts has no model poker"],
  ["a model that is not deployed", { model: "gambling-behaviour-marketing" }, "SERVING_PARAMETERS has no"],
  ["impossible hours", { model: MODEL, hours: -1 }, "hours must be above 0"],
  ["hours in words", { model: MODEL, hours: "two" }, "input hours must be a number (found a string)"],
  ["no model", {}, "input model is missing"],
])("%s is refused", async (_, input, message) => {
  await expect(handler(input)).rejects.toThrow(message);
});

test("a baseline that cannot be read for another reason fails the measurement", async () => {
  buckets.fail(/^read /, named("AccessDenied", "no"));
  await expect(handler({ model: MODEL })).rejects.toThrow("no");
});
