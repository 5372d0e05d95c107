import type { Bins } from "../catalogue/drift/bins";
import type { Reference } from "../catalogue/drift/reference";
import { CHOICES } from "../catalogue/labelling/agreement";
import { LABEL_SOURCES } from "../catalogue/labelling/outcome-labels";
import type { Evaluation } from "../catalogue/training/gate";
import type { TimeCut } from "../catalogue/training/out-of-time";
import { SCHEMA_VERSIONS } from "./jobs";
import {
  anything,
  arrayOf,
  exactly,
  ifHas,
  integer,
  Mismatch,
  mapOf,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Parsed,
  type Parser,
  recordOf,
  someOf,
  text,
} from "./parse";
import {
  bySplit,
  type Group,
  type GroupCounts,
  OUT_OF_TIME,
  type Rejections,
  SPLITS,
  type Unlabelled,
} from "./run-layout";

/** Parsers of the files that the functions and jobs of a run leave for each other. */

const count = integer(0);
const perSplit = object(bySplit(() => count));

/** Parses what was wrong with the lines and objects of a group. */
export const rejections: Parser<Rejections> = object({
  reasons: arrayOf(object({ reason: text, lines: count, key: text, line: count })),
  unusableObjects: count,
  objects: arrayOf(object({ key: text, problem: text })),
  repeated: arrayOf(object({ key: text, records: count })),
  lacking: object({ records: count, of: recordOf(count) }),
});

/** Parses a file of `counts/`. */
export const groupCounts: Parser<GroupCounts> = object({
  rows: perSplit,
  positives: perSplit,
  sources: object(Object.fromEntries(LABEL_SOURCES.map((source) => [source, count])) as CountsOf),
  operators: arrayOf(
    object({
      operator: text,
      labelled: count,
      positives: count,
      unlabelled: count,
      observed: count,
      observedPositives: count,
      players: text,
    }),
  ),
  newlyLabelled: count,
  outOfTime: count,
  unlabelled: count,
  unused: count,
  duplicates: count,
  rejected: count,
  lines: count,
  bytes: count,
  rejectedBytes: count,
  rejections,
  group: text,
  identities: arrayOf(count),
});
type CountsOf = Readonly<Record<(typeof LABEL_SOURCES)[number], Parser<number>>>;

/** Parses `manifest.json`. */
export const manifest: Parser<readonly Group[]> = arrayOf(
  object({ keys: someOf(text), modified: arrayOf(count), bytes: count }),
);

/** Parses `out-of-time/cut.json`. */
export const timeCut: Parser<TimeCut> = object({ from: nullable(integer(0)), why: optional(text) });

/** Parses an entry of `data.json`. */
export const trainedOn = object({ key: text, size: count, etag: text });

/** Parses a line of `unlabelled/*.jsonl`, `labelling/people/*.jsonl` and `labelling/asked.jsonl`. */
export const unlabelled: Parser<Unlabelled> = object({
  task: text,
  playerId: text,
  operatorId: text,
  asOf: text,
  split: oneOf(...SPLITS, OUT_OF_TIME),
  context: text,
  row: text,
  weight: number(0, 1),
});

/** Parses `labels.json`, which holds the label of each task, and how its record was chosen. */
export const agreedLabels = mapOf(object({ label: integer(0, 1), chosen: oneOf(...CHOICES) }));
export type AgreedLabels = Parsed<typeof agreedLabels>;

const scored = object({ metrics: recordOf(anything) });

/** Parses `evaluation/evaluation.json`, as far as the gate reads it. */
export const evaluation: Parser<Evaluation> = object({
  schemaVersion: exactly(SCHEMA_VERSIONS.evaluation),
  data: object({ rows: count, positives: optional(count) }),
  candidate: scored,
  champion: nullable(ifHas("metrics", scored, object({ incomparable: text }))),
  baselines: recordOf(scored),
  differences: recordOf(nullable(recordOf(anything))),
});

const distribution: Parser<Bins> = (value) => {
  const bins = object({ edges: arrayOf(number()), shares: someOf(number(0, 1)), missing: number(0, 1) })(value);
  if (bins.shares.length !== bins.edges.length + 1) throw new Mismatch("shares", "must be one more than edges");
  return bins;
};

const perGroup = (parser: Parser<number>) => object({ moderate: parser, high: parser, severe: parser });
const schemaVersion = exactly(SCHEMA_VERSIONS.reference);

/** Parses `evaluation/baseline.json` and `traffic/reference.json`, which tell how rows are distributed. */
export const reference: Parser<Reference> = (value) => {
  const { schemaVersion: _, ...found } = object({
    schemaVersion,
    rows: integer(1),
    features: someOf(distribution),
    score: distribution,
    risk: nullable(object({ thresholds: perGroup(number()), atOrAbove: perGroup(number(0, 1)) })),
  })(value);
  return found;
};

/** Parses `reference/*.json`, which hold a sample of the rows, each a text with a digit for the bin of each feature. */
export const referenceRows = object({ schemaVersion, rows: arrayOf(text) });

const rowsOfLabel = object({ labelled: count });

/** Parses `automatic/automatic.json`, as far as rows are counted by it. */
export const labelledByModel = object({ positive: rowsOfLabel, negative: rowsOfLabel });

/** Parses `automatic/automatic.json`, the report of the program that labels. */
export const automaticReport: Parser<Readonly<Record<string, unknown>>> = (value) => ({
  ...recordOf(anything)(value),
  ...object({ schemaVersion: exactly(SCHEMA_VERSIONS.automaticLabels) })(value),
});
