import type { Algorithm } from "../algorithm";
import { initialModel } from "./initial-model";
import { OBJECTIVES } from "./objectives";

/** Release of XGBoost in the built-in image of that tag, and so in the emulator and in our own image. */
export const XGBOOST_VERSION = "3.0.5";

/** Gradient boosting by SageMaker's built-in XGBoost, or by our image that does the same. */
export const xgboost = {
  builtInImage: { repository: "sagemaker-xgboost", tag: "3.0-5" },
  hyperparameters: {
    num_round: 800,
    subsample: 0.8,
    colsample_bytree: 0.8,
    tree_method: "hist",
    // Each row has its weight after the label, in both channels.
    csv_weights: 1,
    seed: 1,
  },
  names: {
    objective: "objective",
    metric: "eval_metric",
    rounds: "num_round",
    patience: "early_stopping_rounds",
    seed: "seed",
  },
  objectives: OBJECTIVES,
  // Source: `XGB_MAXIMIZE_METRICS` in constants/xgb_constants.py of aws/sagemaker-xgboost-container; "Tune an XGBoost
  // Model" (SageMaker developer guide) has the same direction for each that can be tuned.
  maximisedMetrics: [
    "accuracy",
    "auc",
    "aucpr",
    "balanced_accuracy",
    "f1",
    "f1_binary",
    "f1_macro",
    "map",
    "ndcg",
    "precision",
    "r2",
    "recall",
    "precision_macro",
    "precision_micro",
    "recall_macro",
    "recall_micro",
  ],
  // Source: "Tune an XGBoost Model".
  tunable: {
    integers: ["max_delta_step", "max_depth", "num_round"],
    numbers: [
      ...["alpha", "colsample_bylevel", "colsample_bynode", "colsample_bytree", "eta", "gamma", "lambda"],
      ...["min_child_weight", "subsample"],
    ],
  },
  // `[12]\ttrain-auc:0.81\tvalidation-auc:0.79`
  logged: (channel, metric) => `${channel}-${metric}:([0-9.]+)`,
  modelFile: "xgboost-model",
  initialModel,
} as const satisfies Algorithm;
