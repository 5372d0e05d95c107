import type { Ranks } from "../catalogue/risk/percentiles";
import { arrayOf, integer, mapOf, number, object, optional, type Parsed, type Parser, recordOf, text } from "./parse";
import type { Row } from "./request-path";
import { rejections } from "./run-files";

/**
 * Files of the scoring of all players of a dataset, in its data bucket: where its functions and SageMaker's batch transform
 * leave them for each other, and their shapes. docs/scoring.md tells who writes what.
 */

/** Prefix with the working files of scorings, in a folder of every run; a lifecycle rule removes them. */
export const SCORING = "scoring/";
/** Prefix with what scorings found, in a folder a day. */
export const SCORED = "scored/";
/** Days after which working files go. */
export const WORKING_DAYS = 7;

/** Names a part of the players. Its files are called after it. */
export const partName = (part: number): string => String(part).padStart(4, "0");

/** Gives the keys of a run's files. With `*` as run, part or model they are patterns. */
export const scoringKeys = (runId: string) => {
  const key = (path: string) => `${SCORING}${runId}/${path}`;
  return {
    /** The groups of objects to read. */
    manifest: key("manifest.json"),
    /** The parts, as items of a Map. */
    parts: key("parts.json"),
    /** Folder with the rows of a part's players, which groups write. */
    rows: (part: string) => key(`rows/${part}/`),
    /** Folder with what became of each group's records. */
    counts: key("counts/"),
    /** What the newest rows of a part are. */
    newest: (part: string) => key(`newest/${part}.json`),
    /** Folder with the features of each part's players, a row each, and nothing that names them. */
    features: key("features/"),
    /** The players of the rows of `features`, in their order. */
    players: (part: string) => key(`players/${part}.jsonl`),
    /** Folder in which batch transform leaves a model's scores, of each part by the name of its features. */
    scores: (model: string) => key(`scores/${model}/`),
    /** The distribution of a model's scores among each operator's players. */
    percentiles: (model: string) => key(`percentiles/${model}.json`),
  };
};

export const featuresFile = (part: string): string => `${part}.csv`;
/** Batch transform names its output after the input object (SageMaker API reference, TransformOutput). */
export const scoresFile = (part: string): string => `${featuresFile(part)}.out`;

/** Gives the folder with what the scorings of a day found: `date` is `yyyy-mm-dd`, in UTC. */
export const scoredFolder = (dataset: string, date: string): string => `${SCORED}${dataset}/date=${date}/`;

/** A player's newest record, but for its features. */
export type ScoredPlayer = Omit<Row, "index" | "features">;

/** Parses what stands of a player beside the features. */
export const scoredPlayer: Parser<ScoredPlayer> = object({
  playerId: text,
  operatorId: text,
  asOf: text,
  markers: arrayOf(text),
  amounts: optional(object({ code: text, rate: number() })),
  lacks: optional(recordOf(arrayOf(text))),
});

/** An item of `parts.json`. */
export interface PartItem {
  readonly part: number;
}

const count = integer(0);

/** Parses a file of `counts/`: the records of a group, and those that cannot be used. */
export const scoringCounts = object({
  records: count,
  bytes: count,
  rejected: count,
  rejectedBytes: count,
  rejections,
});
export type ScoringCounts = Parsed<typeof scoringCounts>;

/** Parses a file of `newest/`: how many rows follow each other that are of one operator and lack the same models' needs. */
export const newestRows = object({
  rows: count,
  /** Bytes of the features. */
  bytes: count,
  runs: arrayOf(object({ operatorId: text, lacking: arrayOf(text), rows: integer(1) })),
});
export type NewestRows = Parsed<typeof newestRows>;

/** Parses a file of `percentiles/`, by operator. */
export const ranksByOperator: Parser<ReadonlyMap<string, Ranks>> = mapOf(
  object({ players: count, scores: arrayOf(number()), below: arrayOf(count) }),
);

/** A model that scores, as its serving record says. */
export const scoringModel = object({
  model: text,
  modelVersion: text,
  /** Name of the SageMaker model. */
  modelName: text,
});
export type ScoringModel = Parsed<typeof scoringModel>;
