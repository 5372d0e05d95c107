import { type LabelOf, observedStake, problemGamblingLabel } from "./labelling/outcome-labels";
import type { GateRule, Task } from "./training/gate";

/** Describes a target to the framework. */
export interface TargetEntry {
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
  /**
   * True when a prediction tells a risk: a group by the model's thresholds, and the markers of harm as its reasons. Beside
   * an expected stake they would only tell marketing of them.
   */
  readonly tellsRisk: boolean;
  /** Derives the value to train on from what became of the player; `null` where nothing says. */
  readonly label: LabelOf;
  /** Gate of the models that configure none of their own. */
  readonly defaultGate: readonly GateRule[];
}

const entries = {
  "problem-gambling": {
    task: "binary",
    scores: { unit: "probability", least: 0, most: 1 },
    judgedByPeople: true,
    tellsRisk: true,
    label: problemGamblingLabel,
    defaultGate: [
      { metric: "auroc.value", better: "higher", bound: 0.6, beatBaselineBy: 0.02, mayLoseToChampion: 0.01 },
      { metric: "alert.recall", better: "higher", mayLoseToChampion: 0.05 },
      { metric: "brier", better: "lower", mayLoseToChampion: 0.01 },
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
      { metric: "mae.value", better: "lower", beatBaselineBy: 0, mayLoseToChampion: 1 },
      { metric: "topDecileLift.value", better: "higher", bound: 1.2 },
    ],
  },
} satisfies Readonly<Record<string, TargetEntry>>;

/** Names a target: the thing that a model predicts. */
export type Target = keyof typeof entries;

/** Lists every target of the framework; another target is another entry. */
export const TARGETS: Readonly<Record<Target, TargetEntry>> = entries;

/** Tells whether an endpoint's answer is a score of the target. */
export function isScore(score: number, target: Target): boolean {
  const { least, most } = TARGETS[target].scores;
  return score >= least && score <= most;
}
