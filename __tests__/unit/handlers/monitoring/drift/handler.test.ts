import { gzipSync } from "node:zlib";
import { featureHash } from "../../../../../catalogue/datasets/kit/dataset";
import { SIGNALS, type Thresholds } from "../../../../../catalogue/drift/signals";
import { createHandler } from "../../../../../handlers/monitoring/drift/handler";
import type { Measured } from "../../../../../handlers/monitoring/drift/logic";
import { FakeBuckets, fakeTelemetry, named } from "../../fakes";
import { toy } from "../../toy";

// The handler takes the features from the catalogue: here from a dataset of two.
jest.mock("../../../../../catalogue/datasets", () => ({ datasetNamed: () => toy }));

const buckets = new FakeBuckets();
const output = fakeTelemetry();
const MODEL = "gambling-behaviour-problem-gambling";
const hash = featureHash(toy);
const DRIFT_THRESHOLDS = Object.fromEntries(
  Object.entries(SIGNALS).map(([name, { threshold }]) => [name, threshold]),
) as Thresholds;
const REFERENCE = "model/runs/v1/traffic/reference.json";
const REFERENCE_ROWS = "model/rows/v1/reference/traffic.json";
const REPORT = "model/drift/20261123-101500.json";
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
    TRAFFIC_REFERENCE_HOURS: 2,
    DRIFT_THRESHOLDS,
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
/** The version has served for less time than its own traffic is waited for. */
const justPromoted = () => serving({ updatedAt: "2026-11-23T08:30:00.000Z" });
const bins = { edges: [10, 20, 30], shares: [0.25, 0.25, 0.25, 0.25], missing: 0 };
const risk = {
  thresholds: { moderate: 10, high: 20, severe: 30 },
  atOrAbove: { moderate: 0.75, high: 0.5, severe: 0.25 },
};
const baseline = (change: object = {}) =>
  buckets.store(
    "model/runs/v1/evaluation/baseline.json",
    JSON.stringify({ schemaVersion: 2, rows: 1000, features: [bins, bins], score: bins, risk, ...change }),
  );
/** The rows that the evaluation kept: evenly spread, as the baseline says. */
const keptRows = () =>
  buckets.store(
    "model/rows/v1/reference/training.json",
    JSON.stringify({
      schemaVersion: 2,
      rows: Array.from({ length: 400 }, (_, index) => `${index % 4}${(index >> 2) % 4}`),
    }),
  );
/** Two objects of captured traffic: one as Firehose packs it, one plain. */
function captured(lines: readonly object[]): void {
  const half = lines.length / 2;
  const text = (part: readonly object[]) => `${part.map((line) => JSON.stringify(line)).join("\n")}\n`;
  buckets.store("data/captured/2026/11/23/09/a", gzipSync(text(lines.slice(0, half))));
  buckets.store("data/captured/2026/11/23/10/b", Buffer.from(`${text(lines.slice(half))}!\n`));
}
/** Makes a row of each player, spread evenly over the reference's bins; `stake` may be moved. */
const rows = (count: number, move = 0) =>
  Array.from({ length: count }, (_, index) => ({
    at: "2026-11-23T09:30:00.000Z",
    player: `player-${index}`,
    featureHash: hash,
    features: [5 + 10 * (index % 4) + move, 5 + 10 * ((index >> 2) % 4)],
    scores: { [MODEL]: 5 + 10 * (index % 4), other: 1 },
  }));

describe("a measurement", () => {
  beforeEach(justPromoted);

  test("of traffic like the reference finds nothing, writes a report and measures by model", async () => {
    captured(rows(400));
    const signals = { score: 0, features: 0, risk: 1, domain: null };
    const worst = [
      { name: "stake", psi: 0 },
      { name: "visits", psi: 0 },
    ];
    expect(await handler({ model: MODEL })).toEqual({
      model: MODEL,
      outcome: "measured",
      reason: "the traffic is like the data that it was trained on",
      rows: 400,
      from: { training: { above: [], signals, worst } },
      report: "s3://model/drift/20261123-101500.json",
    });
    const [put, ...others] = buckets.puts;
    expect(others).toEqual([]);
    const [bucket, key, report] = put ?? [];
    expect(`${bucket}/${key}`).toBe(REPORT);
    expect(JSON.parse(report ?? "")).toMatchObject({
      schemaVersion: 2,
      modelVersion: "v1",
      window: { from: "2026-11-23T08:30:00.000Z" },
      lines: { counted: 400, other: 0, bad: 1 },
      from: { training: { rows: 1000, features: [{ name: "stake" }, { name: "visits" }] } },
    });
    expect(output.metrics()).toEqual([
      { model: MODEL, DriftRows: 400, DriftSignals: 0, FeatureDrift: 0, ScoreDrift: 0, FeaturesDrift: 0, RiskDrift: 1 },
    ]);
  });

  test("says which signals are above their thresholds, and what has moved", async () => {
    keptRows();
    captured(rows(400, 15));
    const { reason, from } = (await handler({ model: MODEL })) as Measured;
    expect(from.training).toMatchObject({ above: ["features", "domain"], worst: [{ name: "stake" }, {}] });
    expect(reason).toMatch(
      /^the traffic differs from the data that it was trained on \(the share of features with a PSI above 0\.1 is 0\.500, above 0\.1; the AUROC .* is 0\.\d+, above 0\.55\)$/,
    );
    expect(output.metrics()).toMatchObject([{ DriftSignals: 2, FeaturesDrift: 0.5, ScoreDrift: 0 }]);
  });

  test("counts a player once, however many requests came, by the latest", async () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({
      ...(rows(1, 15)[0] as object),
      at: `2026-11-23T09:${String(index % 30).padStart(2, "0")}:00.000Z`,
    }));
    captured([...many.slice(0, 2500), ...rows(400), ...many.slice(2500)]);
    expect(await handler({ model: MODEL })).toMatchObject({ rows: 400, from: { training: { above: [] } } });
    const [, , report = ""] = buckets.puts[0] ?? [];
    expect(JSON.parse(report).lines.counted).toBe(5400);
  });

  test("takes at most so many players, of all objects", async () => {
    captured(rows(3000));
    expect(await handler({ model: MODEL })).toMatchObject({ rows: 1000 });
  });
});

describe("the version's own first traffic", () => {
  const puts = () => buckets.puts.map(([bucket, key]) => `${bucket}/${key}`);

  test("becomes the second reference once it has served for long enough", async () => {
    captured(rows(400));
    expect(await handler({ model: MODEL })).toMatchObject({ from: { training: {} } });
    expect(puts()).toEqual([REFERENCE_ROWS, REFERENCE, REPORT]);
    const [sample, reference] = buckets.puts.map(([, , text]) => JSON.parse(text));
    expect(sample).toMatchObject({ schemaVersion: 2, rows: Array(400).fill(expect.stringMatching(/^[0-3]{2}$/)) });
    expect(reference).toMatchObject({
      schemaVersion: 2,
      rows: 400,
      score: { shares: Array(4).fill(expect.closeTo(0.25, 10)) },
      risk: { thresholds: { high: 0.3 } },
    });
    expect(JSON.stringify([sample, reference])).not.toContain("player");
  });

  test("tells what has changed since from what was never like the training data", async () => {
    captured(rows(400, 15));
    await handler({ model: MODEL });
    const same = (await handler({ model: MODEL })) as Measured;
    expect([same.from.training?.above, same.from.traffic?.above]).toEqual([["features"], []]);
    expect(same.reason).toMatch(/^the traffic differs from .*, and is as it was when the version began to serve$/);
    expect(puts().filter((path) => path === REFERENCE)).toHaveLength(1);

    captured(rows(400));
    const changed = (await handler({ model: MODEL })) as Measured;
    expect([changed.from.training?.above, changed.from.traffic?.above]).toEqual([[], ["features", "domain"]]);
    expect(changed.reason).toMatch(/^the traffic is like .*, and has changed since the version began to serve \(/);
    expect(output.metrics().at(-1)).toMatchObject({ DriftSignals: 2, FeaturesDrift: 0, FeaturesChange: 0.5 });
  });

  test.each<[string, () => void, object]>([
    ["before that", justPromoted, {}],
    ["for hours that somebody asks for", () => {}, { hours: 2 }],
  ])("does not %s", async (_, given, asked) => {
    given();
    captured(rows(400));
    await handler({ model: MODEL, ...asked });
    expect(puts()).toEqual([REPORT]);
  });
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

describe("is skipped, which is not to say that nothing drifted,", () => {
  afterEach(() => {
    expect(buckets.puts).toEqual([]);
    const [metrics, ...others] = output.metrics();
    expect(others).toEqual([]);
    expect(metrics).toMatchObject({ model: MODEL, DriftSkipped: 1, DriftRows: expect.any(Number) });
    expect(Object.keys(metrics ?? {}).filter((name) => /Drift$|Change$/.test(name))).toEqual([]);
  });

  test("with too few rows", async () => {
    captured(rows(98));
    expect(await handler({ model: MODEL })).toEqual({
      model: MODEL,
      outcome: "skipped",
      reason: "rows of 98 players since 2026-11-23T08:15:00.000Z, fewer than the 100 that a measurement needs",
      rows: 98,
    });
  });

  test("with many rows of few players", async () => {
    captured(rows(400).map((row, index) => ({ ...row, player: `player-${index % 98}` })));
    expect(await handler({ model: MODEL })).toMatchObject({ outcome: "skipped", rows: 98 });
  });

  test("with a baseline of an earlier release", async () => {
    baseline({ schemaVersion: 1, risk: undefined });
    captured(rows(400));
    expect(await handler({ model: MODEL })).toMatchObject({
      outcome: "skipped",
      reason: "version v1 has no baseline; the next one trained has",
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
