import fc from "fast-check";
import { TARGETS } from "../../../../catalogue/targets";
import { type Evaluation, type GateRule, judge, metricAt } from "../../../../catalogue/training/gate";

const evaluation = (candidate: object, champion: object | null = null): Evaluation => ({
  candidate: { metrics: candidate },
  champion: champion && { metrics: champion },
  baselines: {
    constant: { metrics: { auroc: { value: 0.5 }, brier: 0.08 } },
    age: { metrics: { auroc: { value: 0.55 }, brier: 0.079 } },
  },
});
const good = { auroc: { value: 0.8 }, alert: { recall: 0.3 }, brier: 0.06 };
const rules = TARGETS["problem-gambling"].defaultGate;

describe("the gate", () => {
  test("promotes a first model that beats every baseline, and says by which numbers", () => {
    expect(judge(rules, evaluation(good))).toEqual({
      verdict: "promote",
      reason: 'auroc.value 0.8 against the bound 0.6; auroc.value 0.8 against the baseline "age" 0.55 by 0.02',
    });
  });

  test.each([
    ["bound", { ...good, auroc: { value: 0.59 } }, null, "auroc.value 0.59 against the bound 0.6: not good enough"],
    [
      "champion",
      { ...good, auroc: { value: 0.78 } },
      good,
      "auroc.value 0.78 against the champion 0.8 less 0.01: not good enough",
    ],
    [
      "lower is better",
      { ...good, brier: 0.08 },
      good,
      "brier 0.08 against the champion 0.06 less 0.01: not good enough",
    ],
    ["unknown metric", { ...good, auroc: { value: null } }, null, "auroc.value of the candidate is not known"],
  ])("rejects by %s", (_, candidate, champion, reason) => {
    expect(judge(rules, evaluation(candidate, champion))).toEqual({ verdict: "reject", reason });
  });

  test("rejects by the best baseline, not the first", () => {
    const close: GateRule[] = [{ metric: "auroc.value", better: "higher", beatBaselineBy: 0.1 }];
    expect(judge(close, evaluation({ auroc: { value: 0.62 } })).reason).toContain('baseline "age" 0.55 by 0.1');
  });

  test("a champion that could not be scored on the same rows decides nothing", () => {
    expect(judge(rules, { ...evaluation(good), champion: { incomparable: "other features" } }).verdict).toBe("promote");
  });

  test("is monotone: a better candidate never fails where a worse one passed", () => {
    const auroc = fc.double({ min: 0.4, max: 1, noNaN: true });
    fc.assert(
      fc.property(auroc, auroc, auroc, (a, b, reference) => {
        const verdict = (value: number) =>
          judge(rules, evaluation({ ...good, auroc: { value } }, { ...good, auroc: { value: reference } })).verdict;
        const [worse, better] = [Math.min(a, b), Math.max(a, b)];
        expect(verdict(worse) === "promote" && verdict(better) === "reject").toBe(false);
      }),
    );
  });
});

test.each([
  ["a.b", { a: { b: 1 } }, 1],
  ["a", { a: { b: 1 } }, undefined],
  ["a.b.c", { a: null }, undefined],
])("%s of %j is %s", (path, metrics, value) => {
  expect(metricAt(metrics, path)).toBe(value);
});
