import { createHash } from "node:crypto";
import type { Model } from "../../../catalogue/models";
import type { Risk } from "../../../catalogue/risk/risk";
import { isAtRisk, type Past, riskGroup, type Suppression, suppressionReason } from "../../../catalogue/risk/risk";
import { isScore, TARGETS } from "../../../catalogue/targets";
import { layoutHash } from "../../../catalogue/training/scaling";
import { FAILURES } from "../../../contracts/problems";
import {
  type ModelError,
  type Prediction,
  type PredictReply,
  type PredictRequest,
  type Row,
  recordPointer,
} from "../../../contracts/request-path";
import type { ServingRecord } from "../../../contracts/serving-record";
import { CallFailure, toFailure } from "../../lib/util/failure";
import { type History, historyKey } from "./history";
import type { Assessed } from "./sinks";

/** The part of a serving record that predictions tell of their model. */
export type Serving = ServingRecord<"modelVersion" | "featureHash">;

/** One model of the request's dataset and how to ask it. */
export interface ModelPorts {
  readonly model: Model;
  readonly scores: (rows: readonly Row[]) => Promise<readonly number[]>;
  /** Finds what serves, for rows of this layout; need not wait longer than the endpoint's answer takes. */
  readonly serving: (layout: string, endpointAnswer: Promise<unknown>) => Promise<Serving>;
}

/** The answer of one model: a score for each row that got one, or the failure of all. */
type Answer = { readonly model: Model } & (
  | { readonly kind: "scored"; readonly serving: Serving; readonly scores: ReadonlyMap<number, number> }
  | { readonly kind: "failed"; readonly failure: CallFailure }
);

/** The result of one row and model. */
type RowResult =
  | { readonly kind: "prediction"; readonly prediction: Prediction }
  | { readonly kind: "error"; readonly error: ModelError };

export interface PredictResult extends PredictReply {
  readonly failures: readonly { readonly model: string; readonly failure: CallFailure }[];
}

/** The history of those who remember nobody. */
const NO_HISTORY: History = { recall: async () => new Map(), remember: async () => {} };

/** Records nothing, and loses nothing. */
const NO_SINKS = async (): Promise<ReadonlySet<number>> => new Set();

/**
 * Asks every model of the dataset at once. A model that fails leaves the others' predictions. The history is read beside
 * the endpoints. A player found at risk anywhere in the request is remembered before there is an answer, and meanwhile
 * `record` takes the predictions; those of the records whose indexes it answers say that they are not recorded.
 */
export async function predict(
  request: PredictRequest,
  models: readonly ModelPorts[],
  history: History = NO_HISTORY,
  record: (assessed: Assessed) => Promise<ReadonlySet<number>> = NO_SINKS,
): Promise<PredictResult> {
  const suppressions = models.flatMap(({ model }) => model.suppression ?? []);
  const cases = request.rows.flatMap((row) => suppressions.map((each) => ({ row, each, key: historyKey(each, row) })));
  const recalling = history.recall([...new Set(cases.map(({ key }) => key))]);
  const answers = await Promise.all(models.map((ports) => ask(request, ports)));
  const riskIn = (row: Row) => (name: string) => {
    const answer = answers.find(({ model }) => model.name === name);
    return answer && riskOf(answer, row);
  };
  const atRisk = new Set(
    cases.filter(({ row, each }) => isAtRisk(riskIn(row)(each.model), each)).map(({ key }) => key),
  );
  const recalled = await recalling;
  const remembering = history.remember([...atRisk], recalled);
  const pastIn = (row: Row) => (suppression: Suppression) => {
    const key = historyKey(suppression, row);
    if (atRisk.has(key) || recalled?.has(key)) return "at-risk";
    return recalled ? "clear" : "unknown";
  };
  const results = request.rows.flatMap((row) =>
    answers.map((answer) => resultOf(request, row, answer, riskIn(row), pastIn(row))),
  );
  const predictions = results.flatMap((result) => (result.kind === "prediction" ? [result.prediction] : []));
  const [lost] = await Promise.all([
    record({ request, predictions, scoresOf: ({ index }) => scoresOf(answers, index) }),
    remembering,
  ]);
  return {
    predictions: predictions.map((prediction) =>
      lost.has(prediction.index) ? { ...prediction, recorded: false as const } : prediction,
    ),
    errors: results.flatMap((result) => (result.kind === "error" ? [result.error] : [])),
    failures: answers.flatMap((answer) =>
      answer.kind === "failed" ? [{ model: answer.model.name, failure: answer.failure }] : [],
    ),
  };
}

/** The serving record is read beside the endpoint's call; its refusal is the better explanation when both fail. */
async function ask({ rows, featureHash }: PredictRequest, { model, scores, serving }: ModelPorts): Promise<Answer> {
  const layout = layoutHash(model, featureHash);
  const answering = settled(scores(rows));
  const [record, answered] = await Promise.all([settled(serving(layout, answering)), answering]);
  const failed = (failure: CallFailure): Answer => ({ kind: "failed", model, failure });
  if (record.status === "rejected") return failed(toFailure(record.reason));
  const other = mismatch(record.value, layout);
  if (other) return failed(other);
  if (answered.status === "rejected") return failed(toFailure(answered.reason));
  const pairs = rows.map(({ index }, place) => [index, answered.value[place] ?? Number.NaN] as const);
  const good = pairs.filter(([, score]) => isScore(score, model.target));
  return { kind: "scored", model, serving: record.value, scores: new Map(good) };
}

const settled = async <T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> =>
  (await Promise.allSettled([promise]))[0];

const scoreIn = (answer: Answer, index: number): number | undefined =>
  answer.kind === "scored" ? answer.scores.get(index) : undefined;

function scoresOf(answers: readonly Answer[], index: number): Record<string, number> {
  const scores: Record<string, number> = {};
  for (const answer of answers) {
    const score = scoreIn(answer, index);
    if (score !== undefined) scores[answer.model.name] = score;
  }
  return scores;
}

/** Passes once deployment and retraining are both done, so the record is worth sending again. */
function mismatch(record: Serving, layout: string): CallFailure | undefined {
  if (record.featureHash === layout) return undefined;
  const layouts = `features ${record.featureHash}, the rows have ${layout}`;
  return new CallFailure("unavailable", `model version ${record.modelVersion} was trained on ${layouts}`);
}

/** The risk that a model's answer puts a player at; `undefined` where it has none to tell. */
function riskOf(answer: Answer, { index, lacks }: Row): Risk | undefined {
  const { model } = answer;
  const score = scoreIn(answer, index);
  if (score === undefined || model.riskThresholds === undefined) return undefined;
  return lacks?.[model.name] ? "unknown" : riskGroup(score, model.riskThresholds);
}

function resultOf(
  { dataset, featureHash }: PredictRequest,
  row: Row,
  answer: Answer,
  riskIn: (model: string) => Risk | undefined,
  pastIn: (suppression: Suppression) => Past,
): RowResult {
  const { model } = answer;
  const { index } = row;
  const failed = (failure: CallFailure): RowResult => ({ kind: "error", error: modelError(index, model, failure) });
  if (answer.kind === "failed") return failed(answer.failure);
  const score = answer.scores.get(index);
  if (score === undefined) return failed(new CallFailure("refused", "not a score"));

  const { modelVersion } = answer.serving;
  const { playerId, operatorId, asOf } = row;
  const missing = row.lacks?.[model.name];
  const suppressed = suppressionOf(model, row, riskIn, pastIn);
  const risk = riskOf(answer, row);
  const prediction: Prediction = {
    index,
    predictionId: predictionId(model.name, modelVersion, row),
    playerId,
    operatorId,
    dataset,
    model: model.name,
    modelVersion,
    featureHash,
    asOf,
    ...(missing === undefined && suppressed === undefined && inCurrency(score, model, row)),
    ...(risk && { riskGroup: risk }),
    ...(model.horizonDays !== undefined && { horizonDays: model.horizonDays }),
    ...(missing && { missing }),
    ...(suppressed && { suppressed }),
    reasons: TARGETS[model.target].tellsRisk ? row.markers : [],
  };
  return { kind: "prediction", prediction };
}

/** A score of money is told in the record's own currency. */
const inCurrency = (score: number, { target }: Model, { amounts }: Row): Pick<Prediction, "score" | "currency"> =>
  TARGETS[target].scores.unit === "money" && amounts
    ? { score: score / amounts.rate, currency: amounts.code }
    : { score };

function suppressionOf(
  { suppression }: Model,
  { lacks }: Row,
  riskIn: (model: string) => Risk | undefined,
  pastIn: (suppression: Suppression) => Past,
): Prediction["suppressed"] {
  const reason = suppressionReason(suppression, riskIn, pastIn);
  if (reason === undefined || suppression === undefined) return undefined;
  const missing = lacks?.[suppression.model];
  return { reason, ...(missing && { missing }) };
}

function modelError(index: number, { name }: Model, { kind, retryable }: CallFailure): ModelError {
  return { index, pointer: recordPointer(index), message: FAILURES[kind].model, model: name, retryable };
}

/**
 * Names a prediction: a record that is asked of a model version again has its id, so that no intervention happens
 * twice.
 */
export function predictionId(
  model: string,
  modelVersion: string,
  { operatorId, playerId, asOf, features }: Pick<Row, "operatorId" | "playerId" | "asOf" | "features">,
): string {
  // However it is written: the same instant with another offset, or with milliseconds, is the same record.
  const identity = JSON.stringify([model, modelVersion, operatorId, playerId, Date.parse(asOf), features]);
  return createHash("sha256").update(identity).digest("hex").slice(0, 32);
}
