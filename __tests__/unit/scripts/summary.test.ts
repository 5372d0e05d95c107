import { TARGETS } from "../../../catalogue/targets";
import type { ModelRun } from "../../../contracts/run-result";
import { runTable } from "../../../scripts/lib/summary";

test("a run says in sentences how its labels came about", () => {
  const run = {
    model: "m",
    status: "Rejected",
    labels: {
      mode: "automatic",
      reason: "6000 records, at least 5000",
      sources: { operator: 6, labeller: 0, "self-exclusion": 3, observation: 42 },
      automatic: {
        negative: { labelled: 274, estimatedPrecision: 0.965 },
        positive: { labelled: 0, estimatedPrecision: null },
      },
      people: { asked: 20, open: 3 },
    },
  } as unknown as ModelRun;
  expect(runTable([run], {})).toContain(
    "labels: 6 by operator, 3 by self-exclusion, 42 by observation; " +
      "of the other records: automatic (6000 records, at least 5000); " +
      "a model gave the label 0 to 274 records (precision 0.965) and the label 1 to 0 records; " +
      "people were asked about 20 records, and 3 of these tasks are open",
  );
});

test("a run shows every figure that its default gate looks at", () => {
  const metrics = Object.values(TARGETS).flatMap(({ defaultGate }) => defaultGate.map(({ metric }) => metric));
  const run = { model: "m", status: "Rejected", metrics: Object.fromEntries(metrics.map((metric) => [metric, "7"])) };
  const shown = runTable([run as unknown as ModelRun], {});
  expect(metrics.filter((metric) => !shown.includes(metric))).toEqual([]);
});
