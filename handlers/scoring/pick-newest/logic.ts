import type { NewestRows, ScoredPlayer } from "../../../contracts/scoring-layout";
import { type PartRow, playerKey, readRow } from "../../lib/scoring/rows";

interface Kept {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly line: string;
}

/** The files that are made of a part. */
export interface NewestFiles {
  /** Features as CSV, a row each, without anything that names a player. */
  readonly features: string;
  /** The players of these rows, as JSON Lines. */
  readonly players: string;
  readonly newest: NewestRows;
}

/**
 * Keeps the newest row of every player of a part, in whatever order rows come. Of two of one instant the text decides, so
 * that it is always the same one.
 */
export class NewestRowsOfPart {
  private readonly kept = new Map<string, Kept>();

  take(line: string): void {
    const { player } = readRow(line);
    const key = playerKey(player);
    const at = Date.parse(player.asOf);
    const other = this.kept.get(key);
    if (other === undefined || at > other.at || (at === other.at && line > other.line))
      this.kept.set(key, { at, line });
  }

  /** Makes the files, with rows side by side that are of one operator and lack the same models' needs. */
  files(): NewestFiles {
    const rows = [...this.kept.values()].map(({ line }) => {
      const row = readRow(line);
      return { row, order: JSON.stringify([row.player.operatorId, lackingOf(row.player), row.player.playerId]) };
    });
    rows.sort((one, other) => (one.order < other.order ? -1 : 1));
    const features = linesOf(rows.map(({ row }) => row.features));
    return {
      features,
      players: linesOf(rows.map(({ row }) => row.text)),
      newest: { rows: rows.length, bytes: Buffer.byteLength(features), runs: runsOf(rows.map(({ row }) => row)) },
    };
  }
}

const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

/** Names the models whose needs a player's record lacks. */
const lackingOf = ({ lacks = {} }: ScoredPlayer): readonly string[] => Object.keys(lacks).sort();

function runsOf(rows: readonly PartRow[]): NewestRows["runs"] {
  const runs: { operatorId: string; lacking: readonly string[]; rows: number }[] = [];
  for (const { player } of rows) {
    const { operatorId } = player;
    const lacking = lackingOf(player);
    const last = runs.at(-1);
    if (last?.operatorId === operatorId && last.lacking.join() === lacking.join()) last.rows += 1;
    else runs.push({ operatorId, lacking, rows: 1 });
  }
  return runs;
}
