import type { DatasetName } from ".";

/**
 * Orders datasets by how much a record of each tells of a player's risk. What a player did says more than what is known
 * before the first deposit, so models of behaviour may lower what was said before it, and not the other way round.
 */
const KNOWS: Readonly<Record<DatasetName, number>> = {
  "before-initial-deposit": 1,
  "gambling-behaviour": 2,
};

/** Tells how much a dataset's records say of a player's risk, 0 for one that there is not: it lowers nothing. */
export const knows = (dataset: string): number => new Map(Object.entries(KNOWS)).get(dataset) ?? 0;
