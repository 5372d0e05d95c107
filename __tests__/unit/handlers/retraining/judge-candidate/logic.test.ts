import { result } from "../../../../../handlers/retraining/judge-candidate/logic";

const evaluation = {
  candidate: {
    metrics: {
      auroc: { value: 0.8123456789, low: 0.7, high: null },
      brier: 0.06,
      curve: [1, 2],
      bins: [{ count: 3 }],
      calibration: { slope: { value: 1.1 } },
    },
  },
  data: { rows: 100 },
  champion: null,
  baselines: {},
  differences: {},
};

test("the registry gets the headline numbers as texts, and where the report lies", () => {
  expect(result("bucket", "run-1", { verdict: "promote", reason: "good" }, evaluation)).toEqual({
    verdict: "promote",
    reason: "good",
    metrics: { "auroc.value": "0.812346", "auroc.low": "0.7", brier: "0.06", "calibration.slope.value": "1.1" },
    championMetrics: {},
    evaluation: "s3://bucket/runs/run-1/evaluation/evaluation.json",
    report: "s3://bucket/runs/run-1/evaluation/report.html",
  });
});

test.each([
  ["scored on the same rows", { metrics: { brier: 0.07 } }, { brier: "0.07" }],
  ["that cannot be", { incomparable: "other features" }, {}],
])("a champion %s is shown beside the candidate", (_, champion, championMetrics) => {
  const { championMetrics: shown } = result("b", "r", { verdict: "promote", reason: "" }, { ...evaluation, champion });
  expect(shown).toEqual(championMetrics);
});
