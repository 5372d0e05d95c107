import { TARGETS, type Target } from "../targets";

/** Kinds of scores that an evaluation judges: a probability that something is so, or an amount. */
export type Task = "binary" | "regression";

/** A condition that a candidate must meet to be promoted. At least one of the bounds is given. */
export interface GateRule {
  /** Dotted path into the metrics of the evaluation, such as `auroc.value` (containers/jobs/EVALUATION.md). */
  readonly metric: string;
  readonly better: "higher" | "lower";
  /** The candidate must be at least this good. */
  readonly bound?: number;
  /** The candidate must beat the best naive baseline by this much. */
  readonly beatBaselineBy?: number;
  /** The candidate may be worse than the champion by at most this much. */
  readonly mayLoseToChampion?: number;
}

/**
 * Lists the metrics that a rule can be about, with the least and the greatest value of each
 * (containers/jobs/EVALUATION.md). A rule about anything else would reject every candidate, after each training has
 * been paid for.
 */
export const GATE_METRICS: Readonly<Record<Task, Readonly<Record<string, readonly [number, number]>>>> = {
  binary: {
    "auroc.value": [0, 1],
    averagePrecision: [0, 1],
    "alert.recall": [0, 1],
    "alert.precision": [0, 1],
    brier: [0, 1],
    logLoss: [0, Number.POSITIVE_INFINITY],
    "calibration.expectedCalibrationError": [0, 1],
  },
  regression: {
    "mae.value": [0, Number.POSITIVE_INFINITY],
    rmse: [0, Number.POSITIVE_INFINITY],
    "topDecileLift.value": [0, 10],
    spearman: [-1, 1],
  },
};

/** Says why no candidate could ever meet a rule, if that is so. */
export function impossible({ metric, bound }: GateRule, target: Target): string | undefined {
  const known = GATE_METRICS[TARGETS[target].task];
  const range = Object.hasOwn(known, metric) ? known[metric] : undefined;
  if (range === undefined)
    return `is about no metric of a ${target} model; choose from ${Object.keys(known).join(", ")}`;
  return bound === undefined || (bound >= range[0] && bound <= range[1])
    ? undefined
    : `has a bound that ${metric} cannot have; give one from ${range[0]} to ${range[1]}`;
}

/** The part of `evaluation.json` that the gate reads. */
export interface Evaluation {
  readonly candidate: { readonly metrics: object };
  /** `incomparable` says why the champion could not be scored on the candidate's rows. */
  readonly champion: { readonly metrics: object } | { readonly incomparable: string } | null;
  /** Naive predictors, by name. */
  readonly baselines: Readonly<Record<string, { readonly metrics: object }>>;
}

export interface GateVerdict {
  readonly verdict: "promote" | "reject";
  /** The rule that decided, with its numbers. */
  readonly reason: string;
}

/** Formats a metric's value for messages: four significant digits. */
const shown = (value: number): string => String(Number(value.toPrecision(4)));

/** Finds the number at a dotted path; `undefined` where there is none. */
export function metricAt(metrics: object, path: string): number | undefined {
  const found = path
    .split(".")
    .reduce<unknown>(
      (at, key) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined),
      metrics,
    );
  return typeof found === "number" ? found : undefined;
}

/** Judges a candidate: the first rule that it fails decides against it, and without one it is promoted. */
export function judge(rules: readonly GateRule[], evaluation: Evaluation): GateVerdict {
  const passed: string[] = [];
  for (const rule of rules) {
    const { failed, met } = check(rule, evaluation);
    if (failed !== undefined) return { verdict: "reject", reason: failed };
    passed.push(...met);
  }
  return { verdict: "promote", reason: passed.join("; ") };
}

function check(rule: GateRule, { candidate, champion, baselines }: Evaluation): { failed?: string; met: string[] } {
  const { metric, better } = rule;
  const value = metricAt(candidate.metrics, metric);
  if (value === undefined) return { failed: `${metric} of the candidate is not known`, met: [] };
  const sign = better === "higher" ? 1 : -1;
  const references = Object.entries(baselines).flatMap(([name, { metrics }]) => {
    const reference = metricAt(metrics, metric);
    return reference === undefined ? [] : [{ name, reference }];
  });
  const best = references.sort((a, b) => sign * (b.reference - a.reference))[0];
  const championValue = champion !== null && "metrics" in champion ? metricAt(champion.metrics, metric) : undefined;
  const demands = [
    rule.bound !== undefined && { least: rule.bound, what: `the bound ${shown(rule.bound)}` },
    rule.beatBaselineBy !== undefined &&
      best && {
        least: best.reference + sign * rule.beatBaselineBy,
        what: `the baseline "${best.name}" ${shown(best.reference)} by ${shown(rule.beatBaselineBy)}`,
      },
    rule.mayLoseToChampion !== undefined &&
      championValue !== undefined && {
        least: championValue - sign * rule.mayLoseToChampion,
        what: `the champion ${shown(championValue)} less ${shown(rule.mayLoseToChampion)}`,
      },
  ].filter((demand) => demand !== false && demand !== undefined);
  const met: string[] = [];
  for (const { least, what } of demands) {
    const text = `${metric} ${shown(value)} against ${what}`;
    if (sign * (value - least) < 0) return { failed: `${text}: not good enough`, met };
    met.push(text);
  }
  return { met };
}
