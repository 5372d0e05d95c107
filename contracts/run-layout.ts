import { createHash } from "node:crypto";
import type { Label } from "../catalogue/labelling/outcome-labels";

/**
 * The model's bucket: where a run's functions, jobs and trainings leave files for each other, and the shapes of those
 * files that functions exchange. docs/contracts.md lists who writes what.
 */

/** The parts that a run's rows are split into; a player is in one of them. */
export const SPLITS = ["train", "validation", "test"] as const;
export type Split = (typeof SPLITS)[number];

/**
 * The second test, of a run's latest labelled records: their folder, which stands for a split where rows go to one. The
 * players of these records have others in any split.
 */
export const OUT_OF_TIME = "out-of-time";

/** Makes one value for each split. */
export const bySplit = <T>(of: (split: Split) => T): Record<Split, T> => ({
  train: of("train"),
  validation: of("validation"),
  test: of("test"),
});

/**
 * Maps the first part of a path within a run to its prefix in the model's bucket. Files about single players lie under a
 * prefix of their own, because they expire and models and evaluations do not: a lifecycle rule of S3 chooses objects by
 * prefix.
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
  traffic: "runs",
  "labels.json": "rows",
  train: "rows",
  validation: "rows",
  test: "rows",
  context: "rows",
  [OUT_OF_TIME]: "rows",
  unlabelled: "rows",
  rejected: "rows",
  identities: "rows",
  revisions: "rows",
  labelling: "rows",
  reference: "rows",
} as const;

/** Prefix with a folder of every run. */
export const RUNS = "runs/";
/** Prefix with what runs know of single players, in a folder of every run too. */
export const ROWS = "rows/";
/** Prefix with the model that serves until one is trained. */
export const INITIAL = "initial/";
/** Prefix with the measurements of drift; they belong to no run. */
export const DRIFT = "drift/";

/** Regular expression of a run's id, which is the version of its model too: `<yyyymmdd>-<hhmmss>-<6 hexadecimal digits>`. */
export const RUN_ID = String.raw`\d{8}-\d{6}-[0-9a-f]{6}`;

type Part = keyof typeof PREFIXES;
/** The files and folders that stand directly in a run. */
export const PARTS = Object.keys(PREFIXES) as readonly Part[];
/** A file or folder within a run. */
export type RunPath = Part | `${Part}/${string}`;

/** Names the files and folders that stand deeper in a run; those directly in it are the keys of `PREFIXES`. */
export const RUN_FILES = {
  /** The groups that are prepared again, in the form of `manifest.json`. */
  repeatedManifest: "again/manifest.json",
  /** Where the time of the second test begins; beside its rows, so that their folder is never empty. */
  cut: `${OUT_OF_TIME}/cut.json`,
  /** Folder with the subgroups of the rows of the second test, which has a folder less than the first. */
  outOfTimeContext: `${OUT_OF_TIME}/context`,
  /** What became of the run's records. */
  summary: "records/summary.json",
  labellingModel: "automatic/model",
  /** What the labelling model labelled, and how precisely. */
  automaticLabels: "automatic/automatic.json",
  /** Folder with the rows that the labelling model is unsure of. */
  uncertain: "labelling/people",
  /** The rows that people or Ground Truth were asked about. */
  asked: "labelling/asked.jsonl",
  /** Folder of the labelling job of SageMaker Ground Truth. */
  groundTruth: "labelling/ground-truth",
  evaluation: "evaluation/evaluation.json",
  evaluationReport: "evaluation/report.html",
  /** How the features and scores of the held-out rows are distributed, for drift. */
  reference: "evaluation/baseline.json",
  /** A sample of these rows, each as the bins of its features. */
  referenceRows: "reference/training.json",
  /** The same of the version's own first traffic. */
  trafficReference: "traffic/reference.json",
  trafficReferenceRows: "reference/traffic.json",
} as const satisfies Readonly<Record<string, RunPath>>;

/** Folders of rows with labels, and of their subgroups. */
type LabelledFolder = Split | "context" | typeof OUT_OF_TIME | typeof RUN_FILES.outOfTimeContext;

/** Names the part of a folder with the rows that people labelled, or their subgroups; `*` makes a pattern of it. */
export const labelledPart = <Folder extends LabelledFolder>(folder: Folder, rest: "0.csv" | "*" = "0.csv") =>
  `${folder}/labelled-${rest}` as const;

/** Builds the key of a run's file or folder; with `*` as run a pattern for all of them. */
export function runKey(runId: string, path: RunPath): string {
  const [part] = path.split("/") as [Part];
  return `${PREFIXES[part]}/${runId}/${path}`;
}

/** A row that has no outcome label: a line of `unlabelled/*.jsonl`. */
export interface Unlabelled {
  readonly task: string;
  readonly playerId: string;
  readonly operatorId: string;
  readonly asOf: string;
  /** Where the row goes once it has a label. */
  readonly split: Split | typeof OUT_OF_TIME;
  /** Subgroups of the player, as a line of `context/*.csv`, or of that of the second test. */
  readonly context: string;
  /** How much the row counts, with the others of its player that have no label. */
  readonly weight: number;
  /** Features as CSV, without a label. */
  readonly row: string;
}

/** Counts the rows of one operator's players. */
export interface OperatorRows {
  readonly operator: string;
  /** Rows with a label, and those whose label is above 0. */
  readonly labelled: number;
  readonly positives: number;
  readonly unlabelled: number;
  /** Rows whose label nobody judged, because it is what happened, and those whose label is above 0. */
  readonly observed: number;
  readonly observedPositives: number;
  /** Marks of the players whom these are about, by which they are counted; Base64. */
  readonly players: string;
}

/** Counts what became of the lines of one group, or of all groups of a run. */
export interface Counts {
  /** Labelled records of each split; of some to train on there is a second row, without something. */
  readonly rows: Readonly<Record<Split, number>>;
  /** Rows of each split whose label is above 0. */
  readonly positives: Readonly<Record<Split, number>>;
  /** Rows by where their label comes from. */
  readonly sources: Readonly<Record<Label["source"], number>>;
  /** Rows by operator, in the order of their names. */
  readonly operators: readonly OperatorRows[];
  /** Rows with a label, of objects that were written since the last run with a verdict began. */
  readonly newlyLabelled: number;
  /** Rows of the second test, of all splits' players. */
  readonly outOfTime: number;
  /** Records that may be labelled. */
  readonly unlabelled: number;
  /**
   * Records that are good for nothing: without what the model needs to judge anybody; without a label, of a player who
   * has one; or with a label of people who were asked because a model was unsure, where it may not be trained on.
   */
  readonly unused: number;
  /** Records that are left out, because another record is of the same player and instant. */
  readonly duplicates: number;
  readonly rejected: number;
  /** Records, and lines that are none; each is a row, unlabelled, unused, a duplicate or rejected. */
  readonly lines: number;
  /** Bytes of all lines, unpacked. */
  readonly bytes: number;
  /** Bytes of the rejected lines, unpacked. */
  readonly rejectedBytes: number;
}

/** The rows of a run by split, and what else became of its records; what labels them in the run changes it. */
export type RunRows = Counts["rows"] & Omit<Counts, "rows" | "sources" | "operators">;

/** A reason why lines were rejected, and the first line that was. */
export interface Reason {
  readonly reason: string;
  readonly lines: number;
  readonly key: string;
  readonly line: number;
}

/** An object without anything usable, and what it is instead. */
export interface UnusableObject {
  readonly key: string;
  readonly problem: string;
}

/** An object of which records were left out as duplicates. */
export interface Repeated {
  readonly key: string;
  readonly records: number;
}

/** Counts the unused records that lack what the model needs, and how many of them lack each thing. */
export interface Lacking {
  readonly records: number;
  /** The most frequent first. */
  readonly of: Readonly<Record<string, number>>;
}

/** Sums up what was wrong with lines and objects; every rejected line is under `rejected/`. */
export interface Rejections {
  /** The most frequent first. */
  readonly reasons: readonly Reason[];
  readonly unusableObjects: number;
  /** The first of them. */
  readonly objects: readonly UnusableObject[];
  /** The first objects whose records came again, and later. */
  readonly repeated: readonly Repeated[];
  readonly lacking: Lacking;
}

/** The counts of one group: a file of `counts/`, which `count-labels` adds up. */
export interface GroupCounts extends Counts {
  readonly rejections: Rejections;
  /** The group's first key. */
  readonly group: string;
  /** Records in each slice of the group's identities. */
  readonly identities: readonly number[];
}

/** A group of objects that are prepared together: an item of the run's `manifest.json`. */
export interface Group {
  readonly keys: readonly [string, ...string[]];
  /** When each of them was written, in seconds since 1970. */
  readonly modified: readonly number[];
  readonly bytes: number;
}

/**
 * Names a group's files by its first key, as 16 hexadecimal digits. Plans group the same objects in the same way, so a
 * repeated group overwrites its own files.
 */
export const groupName = (firstKey: string): string => createHash("sha256").update(firstKey).digest("hex").slice(0, 16);
