import { TARGETS } from "../../../catalogue/targets";
import { type Evaluation, type GateVerdict, judge, metricAt } from "../../../catalogue/training/gate";
import type { Result } from "../result";
import { linesOf } from "./python";

const RUNS = 200;

interface Case {
  readonly positives: number;
  readonly better: number;
  readonly evaluations: readonly Evaluation[];
}

/** Judges by the values alone, with margins of 0.01 of the AUROC, 0.05 of the recall and 0.01 of the Brier score. */
function judgeByValues({ candidate, champion }: Evaluation): GateVerdict["verdict"] {
  const loss = (metric: string) =>
    [champion, candidate]
      .map((model) => metricAt(model !== null && "metrics" in model ? model.metrics : {}, metric) ?? Number.NaN)
      .reduce((reference, value) => reference - value);
  return loss("auroc.value") <= 0.01 && loss("alert.recall") <= 0.05 && -loss("brier") <= 0.01 ? "promote" : "reject";
}

const LIMITS = [
  // An equal candidate may be called worse by each of three rules about one time in forty, and the groups of risk may be
  // called wrong one time in eighty.
  { better: 0, verdict: "reject", what: "equal candidates rejected", atMost: 9 },
  { better: 0, verdict: "undecided", what: "equal candidates undecided" },
  { better: -0.024, verdict: "promote", what: "worse candidates promoted", atMost: 2 },
  { better: 0.024, verdict: "reject", what: "better candidates rejected", atMost: 1 },
  { better: 0.024, verdict: "undecided", what: "better candidates undecided" },
] as const;

/**
 * Measures how often the default gate of problem gambling errs about simulated candidates: as good as the champion, and
 * worse and better by 0.024 of the AUROC.
 */
export async function simulateGate(at: (what: string) => void): Promise<Result[]> {
  at(`${RUNS} candidates of each of nine kinds`);
  const cases = await linesOf<Case>("decisions.py", [String(RUNS)], at);
  const rules = TARGETS["problem-gambling"].defaultGate;
  return cases.flatMap(({ positives, better, evaluations }) => {
    const shareOf = (verdict: string, of: (evaluation: Evaluation) => string) =>
      (100 * evaluations.filter((evaluation) => of(evaluation) === verdict).length) / evaluations.length;
    return LIMITS.filter((limit) => limit.better === better).map(
      ({ verdict, what, ...limit }): Result => ({
        what: `${what}, ${positives} positives`,
        value: shareOf(verdict, (evaluation) => judge(rules, evaluation).verdict),
        unit: "%",
        detail: `by values alone ${shareOf(verdict, judgeByValues).toFixed(1)} %`,
        ...("atMost" in limit && { limit: { of: "value", atMost: limit.atMost } }),
      }),
    );
  });
}
