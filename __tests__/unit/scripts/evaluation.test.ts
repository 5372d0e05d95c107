import { evaluate } from "../../../catalogue/interventions/evaluation";
import { evaluationTable } from "../../../scripts/lib/evaluation";

test("what interventions did is a line for each level and who had it", () => {
  const of = (level: number, heldOut: boolean, ...after: readonly number[]) =>
    after.map((each) => ({ level, heldOut, before: 0.3, after: each }));
  const text = evaluationTable(evaluate([...of(1, false, 0.1, 0.2), ...of(1, true, 0.2, 0.3), ...of(2, false, 0.25)]));
  expect(text.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
    ["level", "players", "cases", "before", "after", "effect (95 %)"],
    expect.anything(),
    ["1", "with it", "2", "0.300", "0.150", "-0.100 (-0.239 to 0.039)"],
    ["1", "held out", "2", "0.300", "0.250"],
    ["2", "with it", "1", "0.300", "0.250"],
    [""],
    [expect.stringContaining("held out")],
  ]);
});

test("without any case, that is said", () => {
  expect(evaluationTable([])).toMatch(/^No intervention/);
});
