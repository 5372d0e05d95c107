import { TARGETS } from "../../../catalogue/targets";
import { type Evaluation, type GateRule, judge } from "../../../catalogue/training/gate";
import type { Result } from "../result";
import { linesOf } from "./python";

const RUNS = 60;

interface Case {
  readonly rows: number;
  readonly kind: "equal" | "worse" | "better" | "naive";
  readonly evaluations: readonly Evaluation[];
}

/** The gate of before: constants and the champion's absolute error were all that a stake had to beat. */
const BEFORE: readonly GateRule[] = [
  { metric: "mae.value", better: "lower", mayLoseToChampion: 0.05, relative: true },
  { metric: "topDecileLift.value", better: "higher", bound: 1.2 },
];

const VERDICTS = ["promote", "reject", "undecided"] as const;
const LIMITS: Readonly<Record<Case["kind"], { readonly verdict: (typeof VERDICTS)[number]; readonly atMost: number }>> =
  {
    equal: { verdict: "reject", atMost: 10 },
    worse: { verdict: "promote", atMost: 3 },
    better: { verdict: "reject", atMost: 7 },
    naive: { verdict: "promote", atMost: 5 },
  };

/**
 * Measures how often the default gate of stakes errs about simulated candidates: as good as the champion, worse and
 * better than it, and no better than what each player staked before.
 */
export async function simulateStakesGate(at: (what: string) => void): Promise<Result[]> {
  at(`${RUNS} candidates of each of eight kinds`);
  const cases = await linesOf<Case>("stakes.py", [String(RUNS)], at);
  const rules = TARGETS.stake.defaultGate;
  return cases.flatMap(({ rows, kind, evaluations }) =>
    VERDICTS.map((verdict): Result => {
      const shareOf = (of: readonly GateRule[]) =>
        (100 * evaluations.filter((each) => judge(of, each).verdict === verdict).length) / evaluations.length;
      const limit = LIMITS[kind];
      return {
        what: `${kind} candidates: ${verdict}, ${rows} rows`,
        value: shareOf(rules),
        unit: "%",
        detail: `by the gate before ${shareOf(BEFORE).toFixed(1)} %`,
        ...(limit.verdict === verdict && { limit: { of: "value", atMost: limit.atMost } }),
      };
    }),
  );
}
