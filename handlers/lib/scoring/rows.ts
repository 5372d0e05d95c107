import { createHash } from "node:crypto";
import { parseJson } from "../../../contracts/parse";
import type { Row } from "../../../contracts/request-path";
import { type ScoredPlayer, scoredPlayer } from "../../../contracts/scoring-layout";
import { csvRow } from "../records/csv";

/** Stands between player and features; JSON has none outside of strings, where it is escaped. */
const SEPARATOR = "\t";

/** A row's line in the files of a part: the player, and the features as the models are asked them. */
export interface PartRow {
  /** The player, as JSON. */
  readonly text: string;
  readonly player: ScoredPlayer;
  /** Features as CSV. */
  readonly features: string;
}

/** Writes a row as a line of the files of its part. */
export function writeRow({ index: _, features, ...player }: Row): string {
  return `${JSON.stringify(player)}${SEPARATOR}${csvRow(features)}`;
}

/** Reads a line of the files of a part. Throws an error that quotes nothing of it. */
export function readRow(line: string): PartRow {
  const end = line.indexOf(SEPARATOR);
  const text = line.slice(0, end);
  return { text, player: parseJson(scoredPlayer, text, "a row of a part"), features: line.slice(end + 1) };
}

type Identity = Pick<Row, "operatorId" | "playerId">;

/** Identifies a player among those of all operators. */
export const playerKey = ({ operatorId, playerId }: Identity): string => JSON.stringify([operatorId, playerId]);

/** Chooses the part of a player, evenly, and the same in every group. */
export const partOf = (player: Identity, parts: number): number =>
  createHash("sha256").update(playerKey(player)).digest().readUInt32BE(0) % parts;
