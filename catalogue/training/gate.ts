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
  /** Makes both margins shares of what the candidate is compared with. */
  readonly relative?: boolean;
}

/** What happens to a candidate that the held-out rows are too few to judge. */
export const UNDECIDED_ACTIONS = ["keep-champion", "promote"] as const;
export type UndecidedAction = (typeof UNDECIDED_ACTIONS)[number];

interface GateMetric {
  /** The least and the greatest value. */
  readonly range: readonly [number, number];
  /** Margins that a rule may give, by the intervals of paired differences that the evaluation has. */
  readonly margins: readonly ("absolute" | "relative")[];
  /** A bound is kept as long as the metric's interval reaches it: only what is shown to be wrong is rejected. */
  readonly benefitOfDoubt?: true;
  /** Path of the text that says what the value is about, for the reason of the verdict. */
  readonly inWords?: string;
}

const [INFINITE, ABSOLUTE] = [Number.POSITIVE_INFINITY, ["absolute"] as const];
const share: GateMetric = { range: [0, 1], margins: ABSOLUTE };
const calibration: GateMetric = { range: [-INFINITE, INFINITE], margins: [], benefitOfDoubt: true };
const error: GateMetric = { range: [0, INFINITE], margins: ["absolute", "relative"] };

/**
 * Lists the metrics that a rule can be about (containers/jobs/EVALUATION.md). A rule about anything else would reject
 * every candidate, after each training has been paid for.
 */
export const GATE_METRICS: Readonly<Record<Task, Readonly<Record<string, GateMetric>>>> = {
  binary: {
    "auroc.value": share,
    averagePrecision: share,
    "alert.recall": share,
    "alert.precision": share,
    brier: { ...error, range: [0, 1] },
    logLoss: error,
    "calibration.slope.value": calibration,
    "calibration.intercept.value": calibration,
    "calibration.expectedCalibrationError": { range: [0, 1], margins: [] },
    "riskGroups.outside": { range: [0, INFINITE], margins: [], inWords: "riskGroups.inWords" },
  },
  regression: {
    "tweedieDeviance.value": error,
    "gini.value": { range: [-1, 1], margins: ABSOLUTE },
    "ratioOfSums.value": { range: [0, INFINITE], margins: [], benefitOfDoubt: true },
    "mae.value": error,
    rmse: error,
    "topDecileLift.value": { range: [0, 10], margins: ABSOLUTE },
    spearman: { range: [-1, 1], margins: ABSOLUTE },
  },
};

/** What a rule says of a metric is the same for each task. */
const METRICS: ReadonlyMap<string, GateMetric> = new Map(Object.values(GATE_METRICS).flatMap(Object.entries));

/** Says why no candidate could ever meet a rule, if that is so. */
export function impossible(rule: GateRule, target: Target): string | undefined {
  const { metric, bound, beatBaselineBy, mayLoseToChampion, relative = false } = rule;
  const known = GATE_METRICS[TARGETS[target].task];
  const found = Object.hasOwn(known, metric) ? known[metric] : undefined;
  if (found === undefined)
    return `is about no metric of a ${target} model; choose from ${Object.keys(known).join(", ")}`;
  const [least, most] = found.range;
  if (bound !== undefined && !(bound >= least && bound <= most))
    return `has a bound that ${metric} cannot have; give one from ${least} to ${most}`;
  const margins = beatBaselineBy !== undefined || mayLoseToChampion !== undefined;
  const kind = relative ? "relative" : "absolute";
  return margins && !found.margins.includes(kind)
    ? `has ${relative ? "a relative" : "an absolute"} margin, and the evaluation has no such difference of ${metric}; give ${found.margins.join(" or ") || "a bound"}`
    : undefined;
}

/** The part of `evaluation.json` that the gate reads. */
export interface Evaluation {
  /** Held-out rows, and those of label 1 where labels are 0 and 1. */
  readonly data: { readonly rows: number; readonly positives?: number | undefined };
  readonly candidate: { readonly metrics: object };
  /** `incomparable` says why the champion could not be scored on the candidate's rows. */
  readonly champion: { readonly metrics: object } | { readonly incomparable: string } | null;
  /** Naive predictors, by name. */
  readonly baselines: Readonly<Record<string, { readonly metrics: object }>>;
  /** Candidate minus `champion` and minus each baseline, by the paths of the metrics. */
  readonly differences: Readonly<Record<string, object | null>>;
}

export interface GateVerdict {
  /** The champion stays after "undecided" as after "reject". */
  readonly verdict: "promote" | "reject" | "undecided";
  /** The rules that decided, with their numbers. */
  readonly reason: string;
}

/** Formats a metric's value for messages: four significant digits. */
const shown = (value: number): string => String(Number(value.toPrecision(4)));

/** Finds what stands at a dotted path; `undefined` where nothing does. */
const valueAt = (metrics: object, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (at, key) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined),
      metrics,
    );

/** Finds the number at a dotted path; `undefined` where there is none. */
export function metricAt(metrics: object, path: string): number | undefined {
  const found = valueAt(metrics, path);
  return typeof found === "number" ? found : undefined;
}

/** Puts what a metric says of itself into brackets; nothing where it says nothing. */
function aside(metrics: object, path: string | undefined): string {
  const found = path === undefined ? undefined : valueAt(metrics, path);
  return typeof found === "string" && found !== "" ? ` (${found})` : "";
}

/** A value in which more is better, with its 95 % confidence interval. */
interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Reads the estimate at a dotted path; `undefined` where rows are too few for an interval, or there is none. */
function estimateAt(tree: object, path: string, sign: number): Estimate | undefined {
  const [value, low, high] = ["value", "low", "high"].map((member) => metricAt(tree, `${path}.${member}`));
  if (value === undefined || low === undefined || high === undefined) return undefined;
  const ends = [sign * low, sign * high];
  return { value: sign * value, low: Math.min(...ends), high: Math.max(...ends) };
}

/** A demand of a rule on an estimate: it is met when `judged` reaches `least`. */
interface Demand {
  readonly text: string;
  readonly estimate: Estimate | undefined;
  readonly judged: number;
  readonly least: number;
  /** The candidate is worse when the whole interval lies below. */
  readonly worseBelow: number;
}

type Finding = "met" | "worse" | "undecided";

function findingOf({ estimate, judged, least, worseBelow }: Demand): Finding {
  if (judged >= least) return "met";
  return estimate !== undefined && estimate.high < worseBelow ? "worse" : "undecided";
}

/**
 * Judges a candidate. The first demand that it is worse than decides against it; without one, demands that the rows are
 * too few to tell leave it undecided; and without those it is promoted.
 */
export function judge(
  rules: readonly GateRule[],
  evaluation: Evaluation,
  undecided: UndecidedAction = "keep-champion",
): GateVerdict {
  const unknown = rules.find(({ metric }) => metricAt(evaluation.candidate.metrics, metric) === undefined);
  if (unknown) return { verdict: "reject", reason: `${unknown.metric} of the candidate is not known` };
  const demands = rules.flatMap((rule) => demandsOf(rule, evaluation));
  const found = (finding: Finding) => demands.filter((demand) => findingOf(demand) === finding);
  const [worse] = found("worse");
  if (worse) return { verdict: "reject", reason: `${worse.text}: not good enough` };
  const open = found("undecided").map((demand) => `${demand.text}: undecided, ${moreData(demand, evaluation.data)}`);
  if (open.length === 0) return { verdict: "promote", reason: demands.map(({ text }) => text).join("; ") };
  return undecided === "promote"
    ? { verdict: "promote", reason: `promoted as configured, though not decided: ${open.join("; ")}` }
    : { verdict: "undecided", reason: open.join("; ") };
}

function demandsOf(rule: GateRule, { candidate, champion, baselines, differences }: Evaluation): Demand[] {
  const { metric, bound, beatBaselineBy, mayLoseToChampion, relative = false } = rule;
  const sign = rule.better === "higher" ? 1 : -1;
  const path = metric.replace(/\.value$/, "");
  const value = metricAt(candidate.metrics, metric) ?? Number.NaN;
  const amount = (number: number) => (relative ? `${shown(100 * number)} %` : shown(number));
  const reach = (least: number): Demand => {
    const turned = sign * value;
    const certain = { value: turned, low: turned, high: turned };
    const estimate = estimateAt(candidate.metrics, path, sign) ?? certain;
    const { benefitOfDoubt, inWords }: Partial<GateMetric> = METRICS.get(metric) ?? {};
    return {
      text: `${metric} ${shown(value)} against the bound ${shown(least)}${aside(candidate.metrics, inWords)}`,
      estimate,
      judged: benefitOfDoubt ? estimate.high : turned,
      least: sign * least,
      worseBelow: sign * least,
    };
  };
  const compare = (name: string, what: string, limits: Pick<Demand, "least" | "worseBelow">): Demand => {
    const estimate = estimateAt(differences[name] ?? {}, relative ? `${path}.relative` : path, sign);
    const found = estimate
      ? `better by ${amount(estimate.value)}, ${amount(estimate.low)} to ${amount(estimate.high)}`
      : "no interval";
    const text = `${metric} ${shown(value)} against ${what} (${found})`;
    return { text, estimate, judged: estimate?.low ?? Number.NaN, ...limits };
  };
  const best = Object.entries(baselines)
    .flatMap(([name, { metrics }]) => {
      const reference = metricAt(metrics, metric);
      return reference === undefined ? [] : [{ name, reference }];
    })
    .sort((a, b) => sign * (b.reference - a.reference))[0];
  const championValue = champion !== null && "metrics" in champion ? metricAt(champion.metrics, metric) : undefined;
  return [
    bound !== undefined && reach(bound),
    beatBaselineBy !== undefined &&
      best &&
      compare(best.name, `the baseline "${best.name}" ${shown(best.reference)} by ${amount(beatBaselineBy)}`, {
        least: beatBaselineBy,
        worseBelow: beatBaselineBy,
      }),
    mayLoseToChampion !== undefined &&
      championValue !== undefined &&
      compare("champion", `the champion ${shown(championValue)} less ${amount(mayLoseToChampion)}`, {
        least: -mayLoseToChampion,
        worseBelow: 0,
      }),
  ].filter((demand) => demand !== false && demand !== undefined);
}

/** A demand that wants more than this many times the rows is about what cannot be told apart. */
const HARDLY = 1000;

/** Says how many rows would decide, if the estimate stayed: an interval's width falls with the root of their number. */
function moreData({ estimate, least, worseBelow }: Demand, { rows, positives }: Evaluation["data"]): string {
  const [count, what] = positives === undefined ? [rows, "rows"] : [positives, "positives"];
  if (estimate === undefined) return `${count} held-out ${what} are too few for an interval`;
  const { value, low, high } = estimate;
  const times = ((high - low) / 2 / Math.max(value - least, worseBelow - value)) ** 2;
  if (!(times < HARDLY)) return `and ${HARDLY} times the ${count} held-out ${what} would hardly decide`;
  return `about ${shown(Number(Math.max(count + 1, count * times).toPrecision(2)))} held-out ${what} would decide, there are ${count}`;
}
