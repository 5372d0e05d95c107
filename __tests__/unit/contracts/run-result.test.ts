import { parseLastRun } from "../../../contracts/last-run";
import { parseRunResults, RUN_STATUSES } from "../../../contracts/run-result";

test.each(RUN_STATUSES)("a result may be only that the run ended as %s", (status) => {
  expect(parseRunResults([{ model: "m", status }])).toEqual([{ model: "m", status }]);
});

test.each([
  [undefined, "expected array"],
  [[{ model: "m" }], "[0].status"],
  [[{ model: "m", status: "promoted" }], "[0].status"],
  [[{ model: "m", status: "Promoted", metrics: { brier: 0.1 } }], "[0].metrics.brier"],
  [[{ model: "m", status: "Promoted", rows: { train: 1 } }], "[0].rows.validation"],
])("an output of %j is refused, and where it is wrong is said", (output, where) => {
  expect(() => parseRunResults(output)).toThrow(where);
});

test("the last run is read, and before the first there is none", () => {
  const last = { runId: "20261101-000000-abcdef", startedAt: "2026-11-01T00:00:00Z" };
  expect(parseLastRun(JSON.stringify({ ...last, verdict: "promote" }))).toEqual(last);
  expect(parseLastRun("{}")).toBeUndefined();
  expect(() => parseLastRun("garbage")).toThrow("the last run in SSM is not JSON");
});
