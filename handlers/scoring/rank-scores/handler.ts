import { type Model, modelNamed } from "../../../catalogue/models";
import type { Settings } from "../../../contracts/environment";
import { parseInput } from "../../../contracts/inputs";
import { parseJson } from "../../../contracts/parse";
import { newestRows, partName, scoresFile, scoringKeys } from "../../../contracts/scoring-layout";
import type { Buckets } from "../../lib/aws/objects";
import { parseScores } from "../../lib/records/csv";
import { isRanked } from "../../lib/scoring/ranked";
import { entryOf } from "../../lib/util/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import { ScoresByOperator } from "./logic";

export interface RankScoresDeps {
  readonly environment: Settings<"rank-scores">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
}

/** Ranks the scores of each operator's players, of the models that tell a risk. */
export const createHandler = ({ environment, telemetry, buckets }: RankScoresDeps) => {
  const rank = async (dataset: string, runId: string, parts: number, model: Model): Promise<void> => {
    const data = buckets(entryOf(environment, "DATA_BUCKETS", dataset));
    const files = scoringKeys(runId);
    const scores = new ScoresByOperator(model);
    for (let number = 0; number < parts; number += 1) {
      const part = partName(number);
      const newest = parseJson(newestRows, await data.text(files.newest(part)), files.newest(part));
      if (newest.rows === 0) continue;
      scores.take(parseScores(await data.text(`${files.scores(model.name)}${scoresFile(part)}`)), newest);
    }
    const ranks = scores.ranks();
    await data.put(files.percentiles(model.name), JSON.stringify(Object.fromEntries(ranks)));
    const players = [...ranks.values()].reduce((sum, each) => sum + each.players, 0);
    telemetry.info("ranked", { dataset, runId, model: model.name, operators: ranks.size, players });
  };

  return async (given: unknown): Promise<void> => {
    const { dataset, runId, parts, models } = parseInput("rank-scores", given);
    // One after the other: the scores of ten million players take 80 MB.
    for (const model of models.map(({ model }) => modelNamed(model)).filter(isRanked)) {
      await rank(dataset, runId, parts, model);
    }
  };
};
