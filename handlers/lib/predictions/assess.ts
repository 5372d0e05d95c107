import { createHash } from "node:crypto";
import type { Model } from "../../../catalogue/models";
import {
  isAtRisk,
  type Past,
  type Risk,
  riskGroup,
  type Suppression,
  strictestOf,
  suppressionReason,
} from "../../../catalogue/risk/risk";
import { isScore, TARGETS } from "../../../catalogue/targets";
import { FAILURES } from "../../../contracts/problems";
import { type ModelError, type Prediction, type Row, recordPointer } from "../../../contracts/request-path";
import { CallFailure } from "../util/failure";
import { historyKey, type Marketing, type Recalled } from "./history";

/** The answer of one model: a score for each row that got one, by the row's index, or the failure of all. */
export type Answer = { readonly model: Model } & (
  | { readonly kind: "scored"; readonly modelVersion: string; readonly scores: ReadonlyMap<number, number> }
  | { readonly kind: "failed"; readonly failure: CallFailure }
);

/** Records of one dataset, and the hash of their features. */
export interface Rows {
  readonly dataset: string;
  readonly featureHash: string;
  readonly rows: readonly Row[];
}

/** The results of rows, in their order and for each row in the order of the answers. */
export interface Assessment {
  readonly predictions: readonly Prediction[];
  readonly errors: readonly ModelError[];
  /** Keys by which those players are to be remembered whom a model found at risk. */
  readonly atRisk: readonly string[];
}

/** Makes the answer of a model that gave these scores, in the order of the rows; what is no score is left out. */
export function answerOf(model: Model, modelVersion: string, rows: readonly Row[], scores: readonly number[]): Answer {
  const pairs = rows.map(({ index }, place) => [index, scores[place] ?? Number.NaN] as const);
  const good = pairs.filter(([, score]) => isScore(score, model.target));
  return { kind: "scored", model, modelVersion, scores: new Map(good) };
}

/** Makes predictions of what all models of a dataset answered, and of what was known of the players before. */
export function assess(of: Rows, answers: readonly Answer[], { atRisk: recalled, marketing }: Recalled): Assessment {
  const riskIn = (row: Row) => (name: string) => {
    const answer = answers.find(({ model }) => model.name === name);
    return answer && riskOf(answer, row);
  };
  const suppressions = answers.flatMap(({ model }) => model.suppression ?? []);
  const atRisk = new Set(
    of.rows.flatMap((row) => {
      const { from } = marketing(row);
      return suppressions
        .map((own) => strictestOf(own, from))
        .filter((each) => isAtRisk(riskIn(row)(each.model), each))
        .map((each) => historyKey(each, row));
    }),
  );
  const pastIn = (row: Row) => (suppression: Suppression) => {
    const key = historyKey(suppression, row);
    if (atRisk.has(key) || recalled?.has(key)) return "at-risk";
    return recalled ? "clear" : "unknown";
  };
  const results = of.rows.flatMap((row) =>
    answers.map((answer) => resultOf(of, row, answer, { ...marketing(row), riskIn: riskIn(row), pastIn: pastIn(row) })),
  );
  return {
    predictions: results.flatMap((result) => (result.kind === "prediction" ? [result.prediction] : [])),
    errors: results.flatMap((result) => (result.kind === "error" ? [result.error] : [])),
    atRisk: [...atRisk],
  };
}

/** The result of one row and model. */
type RowResult =
  | { readonly kind: "prediction"; readonly prediction: Prediction }
  | { readonly kind: "error"; readonly error: ModelError };

/** What withholds predictions of a row. */
interface Withholding extends Marketing {
  readonly riskIn: (model: string) => Risk | undefined;
  readonly pastIn: (suppression: Suppression) => Past;
}

/** Finds the score that a model gave a row. */
export const scoreIn = (answer: Answer, index: number): number | undefined =>
  answer.kind === "scored" ? answer.scores.get(index) : undefined;

/** The risk that a model's answer puts a player at; `undefined` where it has none to tell. */
function riskOf(answer: Answer, { index, lacks }: Row): Risk | undefined {
  const { model } = answer;
  const score = scoreIn(answer, index);
  if (score === undefined || model.riskThresholds === undefined) return undefined;
  return lacks?.[model.name] ? "unknown" : riskGroup(score, model.riskThresholds);
}

function resultOf({ dataset, featureHash }: Rows, row: Row, answer: Answer, withholding: Withholding): RowResult {
  const { model } = answer;
  const { index } = row;
  const failed = (failure: CallFailure): RowResult => ({ kind: "error", error: modelError(index, model, failure) });
  if (answer.kind === "failed") return failed(answer.failure);
  const score = answer.scores.get(index);
  if (score === undefined) return failed(new CallFailure("refused", "not a score"));

  const { modelVersion } = answer;
  const { playerId, operatorId, asOf } = row;
  const missing = row.lacks?.[model.name];
  const suppressed = suppressionOf(model, row, withholding);
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
  { from, withheld, riskIn, pastIn }: Withholding,
): Prediction["suppressed"] {
  if (suppression === undefined) return undefined;
  const reason = suppressionReason(strictestOf(suppression, from), riskIn, pastIn) ?? withheld;
  if (reason === undefined) return undefined;
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

/** Groups predictions by the index of their record. */
export function byRecord(predictions: readonly Prediction[]): ReadonlyMap<number, [Prediction, ...Prediction[]]> {
  const records = new Map<number, [Prediction, ...Prediction[]]>();
  for (const prediction of predictions) {
    const own = records.get(prediction.index);
    if (own) own.push(prediction);
    else records.set(prediction.index, [prediction]);
  }
  return records;
}
