/** What trains and serves: SageMaker's built-in XGBoost, or our image that does the same. */

/** The release of the built-in image whose boosters we write and whose training the emulator runs. */
export const BUILT_IN_IMAGE = { repository: "sagemaker-xgboost", tag: "3.0-5", xgboost: "3.0.5" } as const;

/** File of a booster, JSON or UBJ, in the archive of model data. */
export const BOOSTER = "xgboost-model";

/** A missing value in CSV. */
export const MISSING = "nan";

/** Bytes of a part of training rows: many parts spread a distributed training evenly, few keep S3 requests cheap. */
export const PART_BYTES = 32 * 1024 * 1024;

/**
 * Metrics of the built-in image of which more is better; of all others less is. Source: `XGB_MAXIMIZE_METRICS` in
 * constants/xgb_constants.py of aws/sagemaker-xgboost-container; "Tune an XGBoost Model" (SageMaker developer guide) has
 * the same direction for each that can be tuned.
 */
export const MAXIMISED_METRICS = [
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
] as const;

/** Says whether more of a metric is better. */
export const isMaximised = (metric: string): boolean => (MAXIMISED_METRICS as readonly string[]).includes(metric);
