import type { Model } from "../../models";
import { OBJECTIVES } from "./objectives";

/** Writes a booster without trees in XGBoost 3.0's JSON model format. */
export function initialModel({ name, hyperparameters, baseScore }: Model, features: number): string {
  const objective = String(hyperparameters.objective);
  const known = OBJECTIVES[objective];
  if (!known) {
    throw new Error(
      `Model "${name}" has the objective "${objective}", for which no initial model can be written. Use one of ` +
        `${Object.keys(OBJECTIVES).join(", ")}, or add it to catalogue/algorithms/xgboost/objectives.ts.`,
    );
  }
  return JSON.stringify({
    learner: {
      attributes: {},
      feature_names: [],
      feature_types: [],
      gradient_booster: {
        model: {
          gbtree_model_param: { num_parallel_tree: "1", num_trees: "0" },
          iteration_indptr: [0],
          tree_info: [],
          trees: [],
        },
        name: "gbtree",
      },
      learner_model_param: {
        base_score: baseScore.toExponential().toUpperCase(),
        boost_from_average: "0",
        num_class: "0",
        num_feature: String(features),
        num_target: "1",
      },
      objective: { name: objective, ...known.parameters(hyperparameters) },
    },
    version: [3, 0, 5],
  });
}
