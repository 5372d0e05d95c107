import { existsSync } from "node:fs";
import { join } from "node:path";
import { ALGORITHMS } from "../../../catalogue/algorithms";
import { models } from "../../../catalogue/models";
import { TARGETS } from "../../../catalogue/targets";
import { PYTHON_CONTRACT } from "../../../contracts/python";

const root = join(__dirname, "../../..");

test.each(Object.entries(ALGORITHMS))("%s has its folder, and one with an image of our own", (name, { names }) => {
  expect(existsSync(join(root, "catalogue", "algorithms", name, "index.ts"))).toBe(true);
  expect(existsSync(join(root, "containers", name, "Dockerfile"))).toBe(true);
  expect(new Set(Object.values(names)).size).toBe(Object.keys(names).length);
});

test.each(models)("$name is trained for what its target asks, by hyperparameters that its algorithm knows", (model) => {
  const { objectives, names, hyperparameters } = ALGORITHMS[model.algorithm];
  const all = { ...hyperparameters, ...model.hyperparameters };
  const { patience: _, ...needed } = names;
  expect(Object.values(needed).filter((name) => all[name] === undefined)).toEqual([]);
  expect(objectives[String(all[names.objective])]).toMatchObject({ task: TARGETS[model.target].task });
});

test("our own image has the release of XGBoost that the built-in one has", () => {
  const { tag, xgboost } = PYTHON_CONTRACT.builtInImage;
  expect(xgboost).toBe(tag.replace("-", "."));
});
