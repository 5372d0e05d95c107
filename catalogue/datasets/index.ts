import { beforeInitialDeposit } from "./before-initial-deposit";
import { gamblingBehaviour } from "./gambling-behaviour";
import type { Dataset } from "./kit/dataset";

/** Every dataset of the framework. */
export const datasets: readonly Dataset[] = [beforeInitialDeposit, gamblingBehaviour];

/** The dataset of that name; names are those of `catalogue/models.ts` and of a record's `dataset` field. */
export function datasetNamed(name: string): Dataset {
  const found = datasets.find((dataset) => dataset.name === name);
  if (found) return found;
  const known = datasets.map((dataset) => dataset.name).join(", ");
  throw new Error(`There is no dataset "${name}". Known are ${known}; add others in catalogue/datasets/index.ts.`);
}
