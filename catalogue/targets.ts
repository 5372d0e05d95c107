import { exclusionWithin, type LabelOf, observedStake } from "./labelling/outcome-labels";
import type { GateRule, Task } from "./training/gate";

/** Describes a target to the framework. */
export type TargetEntry = RiskTargetEntry | OtherTargetEntry;

interface Entry {
  /** Selects the metrics of the evaluation, and the objectives that an algorithm may train for. */
  readonly task: Task;
  readonly scores: {
    /** A score of money is converted to the currency of its record. */
    readonly unit: "probability" | "money";
    /** The range of a possible score, both ends in it; an endpoint that answers anything else gave no score. */
    readonly least: number;
    readonly most: number;
  };
  /** True when a person can tell the label from a record. */
  readonly judgedByPeople: boolean;
  /** Gate of the models that configure none of their own. */
  readonly defaultGate: readonly GateRule[];
}

/** A prediction tells a risk: a group by the model's thresholds, and the markers of harm as its reasons. */
interface RiskTargetEntry extends Entry {
  readonly tellsRisk: true;
  /** Derives the value to train on from what became of the player within the model's horizon. */
  readonly label: (horizonDays: number) => LabelOf;
}

interface OtherTargetEntry extends Entry {
  /** Reasons beside an expected stake would only tell marketing of the markers of harm. */
  readonly tellsRisk: false;
  readonly label: LabelOf;
}

const entries = {
  "problem-gambling": {
    task: "binary",
    scores: { unit: "probability", least: 0, most: 1 },
    judgedByPeople: true,
    tellsRisk: true,
    label: exclusionWithin,
    defaultGate: [
      { metric: "auroc.value", better: "higher", bound: 0.6, beatBaselineBy: 0.02, mayLoseToChampion: 0.01 },
      { metric: "alert.recall", better: "higher", mayLoseToChampion: 0.05 },
      { metric: "logLoss", better: "lower", mayLoseToChampion: 0.02, relative: true },
      { metric: "calibration.slope.value", better: "higher", bound: 0.8 },
      { metric: "calibration.slope.value", better: "lower", bound: 1.25 },
      { metric: "calibration.intercept.value", better: "higher", bound: -0.2 },
      { metric: "calibration.intercept.value", better: "lower", bound: 0.2 },
      { metric: "riskGroups.outside", better: "lower", bound: 0 },
    ],
  },
  stake: {
    task: "regression",
    scores: { unit: "money", least: 0, most: Number.MAX_VALUE },
    // Nobody can tell from a record what will be staked tomorrow.
    judgedByPeople: false,
    tellsRisk: false,
    label: observedStake,
    defaultGate: [
      // The naive baselines go on as each player did before, and are hard to beat.
      {
        ...{ metric: "tweedieDeviance.value", better: "lower" },
        ...{ beatBaselineBy: 0, mayLoseToChampion: 0.02, relative: true },
      },
      { metric: "gini.value", better: "higher", beatBaselineBy: 0, mayLoseToChampion: 0.01 },
      { metric: "ratioOfSums.value", better: "higher", bound: 0.8 },
      { metric: "ratioOfSums.value", better: "lower", bound: 1.25 },
    ],
  },
} as const satisfies Readonly<Record<string, TargetEntry>>;

/** Names a target: the thing that a model predicts. */
export type Target = keyof typeof entries;

/** Names the targets whose predictions tell a risk. */
export type RiskTarget = {
  [Name in Target]: (typeof entries)[Name]["tellsRisk"] extends true ? Name : never;
}[Target];

/** Lists every target of the framework; another target is another entry. */
export const TARGETS: Readonly<Record<Target, TargetEntry>> = entries;

/** Tells whether an endpoint's answer is a score of the target. */
export function isScore(score: number, target: Target): boolean {
  const { least, most } = TARGETS[target].scores;
  return score >= least && score <= most;
}
