import { ALGORITHMS, type AlgorithmName } from "./algorithms";
import type { Hyperparameters } from "./algorithms/algorithm";
import type { DatasetName } from "./datasets";
import type { Needs } from "./datasets/kit/dataset";
import type { LabelOf } from "./labelling/outcome-labels";
import type { RiskGroup } from "./risk/risk";
import { type RiskTarget, TARGETS, type Target } from "./targets";
import type { OwnMeasure } from "./training/scaling";

/** Names the least score, a probability, of each risk group above "low". */
export type RiskThresholds = Readonly<Record<Exclude<RiskGroup, "low">, number>>;

export type Model = RiskModel | OtherModel;

interface Entry {
  /** Name of the model's bucket, endpoint, repository and package group, after the project and environment. */
  readonly name: string;
  readonly description: string;
  /** Several models may share one dataset. */
  readonly dataset: DatasetName;
  /** A record that lacks any of it gets no score, and its risk is "unknown", never "low". */
  readonly needs: Needs;
  /** No prediction of this model is given for a player whom `model` puts at or above `from` (or could not judge). */
  readonly suppression?: { readonly model: string; readonly from: RiskGroup };
  /** Is set where the endpoint answers multiples of a record's own measure, by which scores are them times that. */
  readonly relativeTo?: OwnMeasure;
  /** What the initial model answers for everybody: the base rate, or the multiple of their own measure. */
  readonly baseScore: number;
  readonly algorithm: AlgorithmName;
  /** Come on top of those that every model of the algorithm has. */
  readonly hyperparameters: Hyperparameters;
}

interface RiskModel extends Entry {
  readonly target: RiskTarget;
  /** Days after `asOf` within which what the score is the probability of happens. */
  readonly horizonDays: number;
  /** How the probability becomes a risk group. */
  readonly riskThresholds: RiskThresholds;
}

interface OtherModel extends Entry {
  readonly target: Exclude<Target, RiskTarget>;
  readonly horizonDays?: undefined;
  readonly riskThresholds?: undefined;
}

const problemGambling = {
  target: "problem-gambling",
  algorithm: "xgboost",
  // A longer one has more positives, and leaves more of the records too young for a label.
  horizonDays: 90,
  riskThresholds: { moderate: 0.1, high: 0.3, severe: 0.6 },
} as const;

// One in twelve is a positive, and none is weighted: weights would spoil the probabilities, on which the risk groups rest.
// (XGBoost's other advice for probabilities of rare labels, max_delta_step, made both AUC and Brier score worse.)
// What ends the growth of trees is `gamma`, and nothing stops early: the round in which the loss on some two hundred
// validation positives is least is chance, and scores are too timid or too extreme by it (docs/decisions/0041).
const calibrated = {
  objective: "binary:logistic",
  eval_metric: "logloss",
  num_round: 400,
  max_depth: 3,
  eta: 0.05,
  min_child_weight: 10,
  colsample_bytree: 0.3,
} as const;

const entries = [
  {
    ...problemGambling,
    name: "before-initial-deposit-problem-gambling",
    description: "Problem gambling from what is known before the initial deposit",
    dataset: "before-initial-deposit",
    needs: { groups: ["browsing"] },
    baseScore: 0.05,
    hyperparameters: { ...calibrated, gamma: 4.5 },
  },
  {
    ...problemGambling,
    name: "gambling-behaviour-problem-gambling",
    description: "Problem gambling from gambling behaviour",
    dataset: "gambling-behaviour",
    // Those that its score leans on most: without any one of them, up to four in five players at high risk fall below.
    needs: { groups: ["bets", "deposits", "sessions", "balance", "limits"], days: { upTo: 90, lag: 1 } },
    baseScore: 0.05,
    hyperparameters: {
      ...calibrated,
      // With twice the features, the best split of chance is better too.
      gamma: 6,
      // More trees that each add less, of leaves with more players and of fewer features, rank better
      // (docs/decisions/0044-behaviour-is-learnt-in-smaller-steps.md).
      eta: 0.03,
      num_round: 700,
      min_child_weight: 20,
      colsample_bytree: 0.25,
    },
  },
  {
    name: "gambling-behaviour-marketing",
    description: "Expected stake of the next day from gambling behaviour",
    dataset: "gambling-behaviour",
    target: "stake",
    algorithm: "xgboost",
    needs: { groups: ["bets"], days: { upTo: 30, lag: 1 } },
    suppression: { model: "gambling-behaviour-problem-gambling", from: "high" },
    // Who stakes how much is told by what they staked before, so trees need only learn what becomes of that. Three windows
    // tell it better than any of them, and half a unit of the models' currency lets those return who paused.
    relativeTo: { features: ["stake_per_day_7d", "stake_per_day_30d", "stake_per_day_90d"], plus: 0.5 },
    // Everybody goes on as they did.
    baseScore: 1,
    hyperparameters: {
      objective: "reg:tweedie",
      tweedie_variance_power: 1.5,
      // A likelihood of the mean, as the objective's own is, which SageMaker's image takes no power for and so refuses.
      eval_metric: "poisson-nloglik",
      early_stopping_rounds: 50,
      max_depth: 3,
      eta: 0.03,
      min_child_weight: 30,
      max_delta_step: 0.2,
    },
  },
] as const satisfies readonly Model[];

export type ModelName = (typeof entries)[number]["name"];

/** Lists every model of the framework. Another entry brings its bucket, repository, endpoint, training and schedule. */
export const models: readonly (Model & { readonly name: ModelName })[] = entries;

/** Finds the model of that name. Throws when there is none. */
export function modelNamed(name: string): Model {
  const found = models.find((model) => model.name === name);
  if (found === undefined) throw new Error(`catalogue/models.ts has no model ${name}`);
  return found;
}

/** Gives the hyperparameters that a model is trained with. */
export const hyperparametersOf = ({ algorithm, hyperparameters }: Model): Hyperparameters => ({
  ...ALGORITHMS[algorithm].hyperparameters,
  ...hyperparameters,
});

/** Gives the function that derives a model's labels from outcomes. */
export function labelOf(model: Model): LabelOf {
  const target = TARGETS[model.target];
  if (!target.tellsRisk) return target.label;
  if (model.horizonDays === undefined) throw new Error(`${model.name} tells a risk and has no horizon`);
  return target.label(model.horizonDays);
}
