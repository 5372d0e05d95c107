import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { datasetNamed } from "../../catalogue/datasets";
import type { Model } from "../../catalogue/models";
import { BOOSTER } from "../../contracts/training";
import type { Asset } from "../storage/asset";
import { writeAsset } from "./asset-file";

/** Writes an objective's own parameters as XGBoost does. */
const OBJECTIVES: Readonly<Record<string, (hyperparameters: Model["hyperparameters"]) => object>> = {
  "binary:logistic": () => ({ reg_loss_param: { scale_pos_weight: "1" } }),
  "reg:tweedie": ({ tweedie_variance_power }) => ({
    tweedie_regression_param: { tweedie_variance_power: String(tweedie_variance_power) },
  }),
};

/**
 * A booster without trees in XGBoost 3.0's JSON model format: whatever the features, it answers the model's base
 * score. With it the very first deployment has something to serve.
 */
export function initialBooster(model: Model): object {
  const objective = String(model.hyperparameters.objective);
  const parameters = OBJECTIVES[objective];
  if (!parameters) {
    throw new Error(
      `Model "${model.name}" has the objective "${objective}", for which no initial model can be written. ` +
        `Use one of ${Object.keys(OBJECTIVES).join(", ")}, or add it to modules/bundling/initial-model.ts.`,
    );
  }
  return {
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
        base_score: model.baseScore.toExponential().toUpperCase(),
        boost_from_average: "0",
        num_class: "0",
        num_feature: String(datasetNamed(model.dataset).features.length),
        num_target: "1",
      },
      objective: { name: objective, ...parameters(model.hyperparameters) },
    },
    version: [3, 0, 5],
  };
}

/**
 * Writes each model's `<directory>/<model>/<hash of what is in it>/model.tar.gz`, unless it is there: the same bytes on
 * every machine.
 */
export async function buildInitialModels(models: readonly Model[], directory: string): Promise<Record<string, Asset>> {
  const built = models.map(async (model) => {
    const booster = JSON.stringify(initialBooster(model));
    const content = createHash("sha256").update(booster).digest("hex").slice(0, 16);
    const path = join(directory, model.name, content, "model.tar.gz");
    return [model.name, writeAsset(path, existsSync(path) ? readFileSync(path) : await archive(booster))] as const;
  });
  return Object.fromEntries(await Promise.all(built));
}

/** Loads what packs only when something has to be packed. */
async function archive(booster: string): Promise<Uint8Array> {
  const [{ gzipSync }, { pack }] = await Promise.all([import("fflate"), import("tar-stream")]);
  const tar = pack();
  tar.entry({ name: BOOSTER, mtime: new Date(0), mode: 0o644, uid: 0, gid: 0 }, booster);
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return gzipSync(Buffer.concat(chunks), { mtime: 0 });
}
