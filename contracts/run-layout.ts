import { createHash } from "node:crypto";
import type { Label } from "../catalogue/labelling/outcome-labels";
import type { Rejections } from "../handlers/lib/records/rejections";

/** What the functions of the main state machine leave for each other in the model's bucket: docs/contracts.md. */

export type Split = "train" | "validation" | "test";
export const SPLITS: readonly Split[] = ["train", "validation", "test"];

/** One value for each split. */
export const bySplit = <T>(of: (split: Split) => T): Record<Split, T> => ({
  train: of("train"),
  validation: of("validation"),
  test: of("test"),
});

/**
 * Prefixes of the model's bucket, by the first part of a path within the run. What is about single players lies under a
 * prefix of its own, because it has a time limit and models and evaluations have none: a lifecycle rule of S3 chooses
 * objects by prefix.
 */
const PREFIXES = {
  "manifest.json": "runs",
  again: "runs",
  "data.json": "runs",
  counts: "runs",
  records: "runs",
  automatic: "runs",
  output: "runs",
  checkpoints: "runs",
  evaluation: "runs",
  "labels.json": "rows",
  train: "rows",
  validation: "rows",
  test: "rows",
  context: "rows",
  unlabelled: "rows",
  rejected: "rows",
  identities: "rows",
  duplicates: "rows",
  labelling: "rows",
} as const;

/** Holds a folder of every run. */
export const RUNS = "runs/";
/** Holds what runs know of single players. */
export const ROWS = "rows/";

type Part = keyof typeof PREFIXES;
/** A file or folder within a run. */
export type RunPath = Part | `${Part}/${string}`;

/** The key of a run's file or folder; with `*` as run a pattern for all of them. */
export function runKey(runId: string, path: RunPath): string {
  const [part] = path.split("/") as [Part];
  return `${PREFIXES[part]}/${runId}/${path}`;
}

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
  /** Records that count for nothing, because the same player's of the same instant came again. */
  readonly duplicates: number;
  readonly rejected: number;
  /** Records, and lines that are none; each is a row, unlabelled, a duplicate or rejected. */
  readonly lines: number;
  /** Of all lines, and of those that are rejected; unpacked. */
  readonly bytes: number;
  readonly rejectedBytes: number;
}

/** What a group leaves for `count-labels`. */
export interface GroupCounts extends Counts {
  readonly rejections: Rejections;
  /** The group's first key. */
  readonly group: string;
  /** Records in each slice of the group's identities. */
  readonly identities: readonly number[];
}

/** Objects that are prepared together: an item of the run's `manifest.json`. */
export interface Group {
  readonly keys: readonly [string, ...string[]];
  /** When each of them was written, in seconds since 1970. */
  readonly modified: readonly number[];
  readonly bytes: number;
}

/** Names a group's files by its first key: plans group the same objects in the same way, so a repeated group overwrites its own. */
export const groupName = (firstKey: string): string => createHash("sha256").update(firstKey).digest("hex").slice(0, 16);
