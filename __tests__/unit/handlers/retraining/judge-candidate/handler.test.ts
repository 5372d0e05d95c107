import { createHandler } from "../../../../../handlers/retraining/judge-candidate/handler";
import { FakeBuckets, fakeTelemetry, named } from "../../fakes";

const MODEL = "gambling-behaviour-marketing";
const { telemetry, text } = fakeTelemetry();
const buckets = new FakeBuckets();
const handler = createHandler({
  environment: { MODEL_BUCKETS: new Map([[MODEL, "bucket"]]) },
  telemetry,
  buckets: buckets.open,
});
beforeEach(() => buckets.reset());

const evaluated = (evaluation: unknown) =>
  buckets.store("bucket/runs/run-1/evaluation/evaluation.json", JSON.stringify(evaluation));
const input = {
  model: MODEL,
  runId: "run-1",
  rules: [{ metric: "rmse", better: "lower", bound: 10 }],
  undecided: "keep-champion",
};

const good = {
  schemaVersion: 3,
  data: { rows: 100 },
  candidate: { metrics: { rmse: 1 } },
  champion: null,
  baselines: {},
  differences: {},
};

test.each([
  [9, "promote"],
  [11, "reject"],
])("judges an error of %d by the rules of the request: %s", async (rmse, verdict) => {
  evaluated({ ...good, candidate: { metrics: { rmse } } });
  expect(await handler(input)).toEqual({
    verdict,
    reason: expect.stringContaining("rmse"),
    metrics: { rmse: String(rmse) },
    championMetrics: {},
    evaluation: "s3://bucket/runs/run-1/evaluation/evaluation.json",
    report: "s3://bucket/runs/run-1/evaluation/report.html",
  });
  expect(text()).toContain(verdict);
});

test.each([
  [{ ...good, schemaVersion: 2 }, "evaluation.json schemaVersion must be 3 (found a number)"],
  [{ schemaVersion: 3 }, "evaluation.json data is missing; it must be an object"],
  [{ ...good, candidate: null }, "evaluation.json candidate must be an object (found null)"],
  [{ ...good, champion: { metrics: 1 } }, "evaluation.json champion.metrics must be an object (found a number)"],
  [{ ...good, champion: {} }, "evaluation.json champion.incomparable is missing"],
  [{ ...good, baselines: { age: {} } }, "evaluation.json baselines.age.metrics is missing"],
])("an evaluation %j gives no verdict", async (evaluation, message) => {
  evaluated(evaluation);
  await expect(handler(input)).rejects.toThrow(message);
});

test.each([
  ["keep-champion", "undecided"],
  ["promote", "promote"],
])("what is undecided becomes by %s: %s", async (undecided, verdict) => {
  const differences = { champion: { rmse: { value: -0.1, low: -0.3, high: 0.1 } } };
  evaluated({ ...good, champion: { metrics: { rmse: 1.1 } }, differences });
  const rules = [{ metric: "rmse", better: "lower", mayLoseToChampion: 0.05 }];
  expect(await handler({ ...input, rules, undecided })).toMatchObject({
    verdict,
    reason: expect.stringContaining("about 180 held-out rows would decide, there are 100"),
  });
});

test("without an evaluation there is no verdict", async () => {
  await expect(handler(input)).rejects.toThrow(named("NoSuchKey", "The specified key does not exist."));
  await expect(handler({ ...input, model: "poker" })).rejects.toThrow("MODEL_BUCKETS has no entry for poker");
});

test.each([
  [{ ...input, rules: [{ metric: "rmse", better: "more" }] }, "input rules[0].better must be one of higher, lower"],
  [{ ...input, rules: undefined }, "input rules is missing"],
  [{ ...input, undecided: "perhaps" }, "input undecided must be one of keep-champion, promote"],
  [{ ...input, runId: null }, "input runId must be a non-empty string (found null)"],
])("an input %j is refused", async (wrong, message) => {
  await expect(handler(wrong)).rejects.toThrow(message);
});
