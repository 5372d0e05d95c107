import { datasetNamed } from "../../../catalogue/datasets";
import { featureHash } from "../../../catalogue/datasets/kit/dataset";
import type { Model } from "../../../catalogue/models";
import { percentileOf, type Ranks } from "../../../catalogue/risk/percentiles";
import { RISK_GROUPS, type Risk } from "../../../catalogue/risk/risk";
import { type Scaling, scaleOf } from "../../../catalogue/training/scaling";
import type { BusEvent } from "../../../contracts/bus";
import type { Prediction, Row } from "../../../contracts/request-path";
import type { ScoredPlayer } from "../../../contracts/scoring-layout";
import { playerAssessed } from "../../lib/events/assessment";
import { answerOf, assess, byRecord } from "../../lib/predictions/assess";
import type { History } from "../../lib/predictions/history";
import { parseRow } from "../../lib/records/csv";

/** What a model answered for the players of a part, and how its answers become scores. */
export interface ModelScores {
  readonly model: Model;
  readonly modelVersion: string;
  readonly scaling: Scaling;
  /** In the order of the players. */
  readonly answers: readonly number[];
  /** By operator; absent of models by which nobody is ranked. */
  readonly ranks?: ReadonlyMap<string, Ranks>;
}

/** The players of a part, with their features and what all models answered, in one order. */
export interface ScoredPart {
  readonly dataset: string;
  /** Players of the part, by whoever picked them. */
  readonly rows: number;
  readonly players: readonly ScoredPlayer[];
  /** Features as CSV. */
  readonly features: readonly string[];
  readonly models: readonly ModelScores[];
}

type Assessed = BusEvent<"PlayerAssessed">;

/** Throws when a part's files do not belong together: every line is about the player of its number. */
export function checkPart({ rows: of, players, features, models }: ScoredPart): void {
  if (players.length !== of) throw new Error(`there are ${players.length} players for ${of} rows`);
  if (features.length !== of) throw new Error(`there are ${features.length} rows of features for ${of} players`);
  for (const { model, answers } of models) {
    if (answers.length !== of) throw new Error(`${model.name} answered ${answers.length} scores for ${of} players`);
  }
}

/**
 * Makes the events of the players from `start` to before `end`, as a request with their records would, and remembers who
 * is at risk. `at` is the time of all events of a scoring.
 */
export async function assessmentsOf(
  { dataset, players, features, models }: ScoredPart,
  [start, end]: readonly [number, number],
  history: History,
  at: Date,
): Promise<readonly Assessed[]> {
  const rows = players
    .slice(start, end)
    .map((player, index): Row => ({ ...player, index, features: parseRow(features[start + index] as string) }));
  const answers = models.map(({ model, modelVersion, scaling, answers: all }) =>
    answerOf(
      model,
      modelVersion,
      rows,
      rows.map(({ index, features: own }) => scaleOf(scaling, own) * (all[start + index] ?? Number.NaN)),
    ),
  );
  const recalled = await history.recall(
    rows,
    models.map(({ model }) => model),
  );
  const hash = featureHash(datasetNamed(dataset));
  const { predictions, atRisk } = assess({ dataset, featureHash: hash, rows }, answers, recalled);
  await history.remember(atRisk, recalled);
  return [...byRecord(predictions).values()].map((own) => eventOf(own, models, at));
}

function eventOf(
  predictions: readonly [Prediction, ...Prediction[]],
  models: readonly ModelScores[],
  at: Date,
): Assessed {
  const event = playerAssessed(predictions, at);
  const [percentile] = predictions.flatMap(({ model, operatorId, score }) => {
    const ranks = models.find((each) => each.model.name === model)?.ranks?.get(operatorId);
    return ranks === undefined || score === undefined ? [] : (percentileOf(ranks, score) ?? []);
  });
  return percentile === undefined ? event : { ...event, detail: { ...event.detail, percentile } };
}

/** Counts of a part, as the state machine adds them up. */
export interface PublishedPart {
  readonly part: string;
  readonly players: number;
  /** Players by what the models that tell a risk make of them; of several, the first's. */
  readonly risk: Readonly<Record<Risk, number>>;
}

export const noRisks = (): Record<Risk, number> =>
  Object.fromEntries([...RISK_GROUPS, "unknown"].map((group) => [group, 0])) as Record<Risk, number>;

/** Finds the risk that an event tells, if it tells one. */
export const riskTold = ({ detail }: Assessed): Risk | undefined =>
  detail.predictions.find(({ riskGroup }) => riskGroup !== undefined)?.riskGroup;
