import type { Model } from "../../../catalogue/models";
import { layoutHash } from "../../../catalogue/training/scaling";
import type { PredictReply, PredictRequest, Row } from "../../../contracts/request-path";
import type { ServingRecord } from "../../../contracts/serving-record";
import { type Answer, answerOf, assess, scoreIn } from "../../lib/predictions/assess";
import { type History, NOTHING_RECALLED } from "../../lib/predictions/history";
import { CallFailure, toFailure } from "../../lib/util/failure";
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

export interface PredictResult extends PredictReply {
  readonly failures: readonly { readonly model: string; readonly failure: CallFailure }[];
}

/** The history of those who remember nobody. */
const NO_HISTORY: History = { recall: async () => NOTHING_RECALLED, remember: async () => {} };

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
  const recalling = history.recall(
    request.rows,
    models.map(({ model }) => model),
  );
  const answers = await Promise.all(models.map((ports) => ask(request, ports)));
  const recalled = await recalling;
  const { predictions, errors, atRisk } = assess(request, answers, recalled);
  const remembering = history.remember(atRisk, recalled);
  const [lost] = await Promise.all([
    record({ request, predictions, scoresOf: ({ index }) => scoresOf(answers, index) }),
    remembering,
  ]);
  return {
    predictions: predictions.map((prediction) =>
      lost.has(prediction.index) ? { ...prediction, recorded: false as const } : prediction,
    ),
    errors,
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
  return answerOf(model, record.value.modelVersion, rows, answered.value);
}

const settled = async <T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> =>
  (await Promise.allSettled([promise]))[0];

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
