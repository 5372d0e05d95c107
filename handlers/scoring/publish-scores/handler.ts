import { modelNamed } from "../../../catalogue/models";
import { scalingOf } from "../../../catalogue/training/scaling";
import type { Settings } from "../../../contracts/environment";
import { type Input, parseInput } from "../../../contracts/inputs";
import { parseJson } from "../../../contracts/parse";
import {
  featuresFile,
  newestRows,
  partName,
  ranksByOperator,
  scoredFolder,
  scoredPlayer,
  scoresFile,
  scoringKeys,
} from "../../../contracts/scoring-layout";
import type { PutEvents } from "../../lib/aws/event-bus";
import type { Buckets, ObjectStore } from "../../lib/aws/objects";
import type { LambdaContext } from "../../lib/http/api-gateway";
import { createHistory, type HistoryPorts } from "../../lib/predictions/history";
import { parseScores } from "../../lib/records/csv";
import { parseLines } from "../../lib/records/lines";
import { isRanked } from "../../lib/scoring/ranked";
import { entryOf } from "../../lib/util/environment";
import { refuseLate } from "../../lib/util/late";
import type { Telemetry } from "../../lib/util/telemetry";
import { assessmentsOf, checkPart, noRisks, type PublishedPart, riskTold, type ScoredPart } from "./logic";

export interface PublishScoresDeps {
  readonly environment: Omit<Settings<"publish-scores">, "ASSESSMENT_TABLE" | "PLAYER_TABLE" | "EVENT_BUS">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
  readonly history: Omit<HistoryPorts, "now">;
  readonly put: PutEvents;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Players whose events are made and published together: enough that calls go side by side, and few megabytes. */
const SLICE = 1_000;
/** What each table that remembers players may take for a slice; nobody waits for a prediction here. */
const HISTORY_BUDGET_MS = 30_000;

/**
 * Publishes the scores of a part's players as events, and as a file of the day. A part that is published again gives the
 * same events, by whose ids consumers know them.
 */
export const createHandler = (deps: PublishScoresDeps) => {
  const { environment, telemetry, buckets, put } = deps;
  const historyOf = createHistory(
    { days: environment.RISK_MEMORY_DAYS, budgetMs: HISTORY_BUDGET_MS, rules: environment.MARKETING_RULES },
    { ...deps.history, now: deps.now },
  );
  // Nobody is scored without being remembered, and nobody's marketing is guessed at: the part is published again.
  const history = historyOf((step, failure) => {
    throw new Error(`what is known of players cannot be had (${step}): ${failure.message}`, { cause: failure });
  });

  return async (given: unknown, context: LambdaContext): Promise<PublishedPart> => {
    const input = parseInput("publish-scores", given);
    const { dataset, runId, date } = input;
    const name = partName(input.part);
    const data = buckets(entryOf(environment, "DATA_BUCKETS", dataset));
    const check = refuseLate(context, (what) => `part ${what} is too large for one run of the function`);
    const part = await readPart(input, data);
    checkPart(part);
    const lines: string[] = [];
    const risk = noRisks();
    for (let start = 0; start < part.players.length; start += SLICE) {
      check(name);
      const events = await assessmentsOf(part, [start, start + SLICE], history, new Date(input.startedAt));
      const left = await put(events);
      if (left.length > 0)
        throw new Error(`the bus did not take ${left.length} of ${events.length} events; publish again`);
      for (const event of events) {
        lines.push(JSON.stringify(event.detail));
        const told = riskTold(event);
        if (told) risk[told] += 1;
      }
    }
    if (lines.length > 0) {
      await data.put(`${scoredFolder(dataset, date)}${name}.jsonl`, lines.map((line) => `${line}\n`).join(""));
    }
    const unscored = part.rows - lines.length;
    telemetry.info("published", { dataset, runId, part: name, players: lines.length, unscored });
    telemetry.measure("dataset", dataset, { PlayersScored: lines.length });
    return { part: name, players: lines.length, risk };
  };
};

/** Reads the files of a part, of which one without players has none. */
async function readPart(
  { dataset, runId, part, models }: Input<"publish-scores">,
  data: ObjectStore,
): Promise<ScoredPart> {
  const [files, name] = [scoringKeys(runId), partName(part)];
  const { rows } = parseJson(newestRows, await data.text(files.newest(name)), files.newest(name));
  if (rows === 0) return { dataset, rows, players: [], features: [], models: [] };
  const [players, features] = await Promise.all([
    data.text(files.players(name)),
    data.text(`${files.features}${featuresFile(name)}`),
  ]);
  return {
    dataset,
    rows,
    players: parseLines(scoredPlayer, players, files.players(name)),
    features: features.trimEnd().split("\n"),
    models: await Promise.all(
      models.map(async ({ model: modelName, modelVersion }) => {
        const model = modelNamed(modelName);
        const ranks = files.percentiles(modelName);
        return {
          model,
          modelVersion,
          scaling: scalingOf(model),
          answers: parseScores(await data.text(`${files.scores(modelName)}${scoresFile(name)}`)),
          ...(isRanked(model) && { ranks: parseJson(ranksByOperator, await data.text(ranks), ranks) }),
        };
      }),
    ),
  };
}
