import type { Task } from "../../training/gate";
import type { Hyperparameters } from "../algorithm";

interface Objective {
  readonly task: Task;
  readonly variancePower?: (hyperparameters: Hyperparameters) => number;
  /** Writes the objective's own parameters as XGBoost does in its model files. */
  readonly parameters: (hyperparameters: Hyperparameters) => object;
}

export const OBJECTIVES: Readonly<Record<string, Objective>> = {
  "binary:logistic": { task: "binary", parameters: () => ({ reg_loss_param: { scale_pos_weight: "1" } }) },
  "reg:tweedie": {
    task: "regression",
    variancePower: ({ tweedie_variance_power }) => Number(tweedie_variance_power),
    parameters: ({ tweedie_variance_power }) => ({
      tweedie_regression_param: { tweedie_variance_power: String(tweedie_variance_power) },
    }),
  },
};
