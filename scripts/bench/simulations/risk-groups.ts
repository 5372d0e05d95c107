import type { Result } from "../result";
import { linesOf } from "./python";

const RUNS = 400;

interface Line {
  readonly world: string;
  readonly positives: number;
  /** Shares of the samples that are refused by the groups of risk, by slope and intercept, and by the groups alone. */
  readonly groups: number;
  readonly curve: number;
  readonly alone: number;
}

/** Measures how often the groups of risk refuse scores that are right, and find those that are not. */
export async function simulateRiskGroups(at: (what: string) => void): Promise<Result[]> {
  at(`${RUNS} samples of each of fifteen kinds`);
  const lines = await linesOf<Line>("risk_worlds.py", [String(RUNS)], at);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return lines.map(
    ({ world, positives, groups, curve, alone }): Result => ({
      what: `scores refused, ${world}, ${positives} positives`,
      value: 100 * groups,
      unit: "%",
      detail: `by slope and intercept ${percent(curve)}, by the groups alone ${percent(alone)}`,
      ...(world === "right" && { limit: { of: "value", atMost: 2.5 } }),
    }),
  );
}
