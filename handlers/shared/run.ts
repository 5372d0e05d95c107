import type { Label } from "../../catalogue/labels";

/** What the functions of the main state machine leave for each other in the model's bucket: docs/contracts.md. */

export type Split = "train" | "validation" | "test";
export const SPLITS: readonly Split[] = ["train", "validation", "test"];

export const runFolder = (runId: string): string => `runs/${runId}`;

/** What people agreed on before the run: an object of labels (0 or 1) by task. */
export const labelsKey = (runId: string): string => `${runFolder(runId)}/labels.json`;

/** One row that the anchor leaves without a label: a line of `unlabelled/*.jsonl`. */
export interface Unlabelled {
  readonly task: string;
  readonly playerId: string;
  readonly operatorId: string;
  readonly asOf: string;
  readonly split: Split;
  /** Subgroups of the player, as a line of `context/*.csv`. */
  readonly context: string;
  /** Features as CSV, without a label. */
  readonly row: string;
}

/** What came of the lines of one group, or of all of a run's. */
export interface Counts {
  readonly rows: Readonly<Record<Split, number>>;
  /** Of the rows of each split, those whose label is above 0. */
  readonly positives: Readonly<Record<Split, number>>;
  /** Rows by where their label comes from. */
  readonly sources: Readonly<Record<Label["source"], number>>;
  readonly unlabelled: number;
  readonly rejected: number;
  /** Lines that are not empty; each is a row, unlabelled or rejected. */
  readonly lines: number;
}
