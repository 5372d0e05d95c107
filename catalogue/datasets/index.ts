import { beforeInitialDeposit } from "./before-initial-deposit";
import { gamblingBehaviour } from "./gambling-behaviour";
import type { Dataset } from "./kit/dataset";

const entries = [beforeInitialDeposit, gamblingBehaviour] as const;

/** Names a dataset: its folder, and the value of its records' field `dataset`. */
export type DatasetName = (typeof entries)[number]["name"];

/** Lists every dataset of the framework. */
export const datasets: readonly Dataset[] = entries;

/** Finds the dataset of that name. Throws, with the names that there are, when there is none. */
export function datasetNamed(name: string): Dataset {
  const found = datasets.find((dataset) => dataset.name === name);
  if (found) return found;
  const known = datasets.map((dataset) => dataset.name).join(", ");
  throw new Error(`There is no dataset "${name}". Known are ${known}; add others in catalogue/datasets/index.ts.`);
}
