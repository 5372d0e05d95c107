import { type Ranks, ranksOf } from "../../../catalogue/risk/percentiles";
import { isScore, type Target } from "../../../catalogue/targets";
import type { NewestRows } from "../../../contracts/scoring-layout";

/** Collects a model's scores by operator, of those players whom it judges. */
export class ScoresByOperator {
  private readonly pieces = new Map<string, Float64Array[]>();

  constructor(private readonly model: { readonly name: string; readonly target: Target }) {}

  /** Takes the scores of a part, in the order of its rows. Throws when there are more or fewer. */
  take(scores: readonly number[], { rows, runs }: Pick<NewestRows, "rows" | "runs">): void {
    if (scores.length !== rows) throw new Error(`${this.model.name} answered ${scores.length} scores for ${rows} rows`);
    let start = 0;
    for (const { operatorId, lacking, rows: length } of runs) {
      const own = scores.slice(start, start + length).filter((score) => isScore(score, this.model.target));
      start += length;
      if (lacking.includes(this.model.name)) continue;
      const pieces = this.pieces.get(operatorId);
      if (pieces) pieces.push(Float64Array.from(own));
      else this.pieces.set(operatorId, [Float64Array.from(own)]);
    }
  }

  /** Ranks the scores of each operator. */
  ranks(): ReadonlyMap<string, Ranks> {
    return new Map([...this.pieces].map(([operator, pieces]) => [operator, ranksOf(concatenated(pieces))]));
  }
}

function concatenated(pieces: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const piece of pieces) {
    all.set(piece, start);
    start += piece.length;
  }
  return all;
}
