import type { Prediction, PredictRequest, Row } from "../../../contracts/request-path";
import { type CallFailure, toFailure, within } from "../../lib/util/failure";

/** A row's scores, by model, of those models that gave it one. */
export type ScoresOf = (row: Row) => Readonly<Record<string, number>>;

/** The result of a request, before it is answered. */
export interface Assessed {
  readonly request: PredictRequest;
  /** Also has the scores of predictions that are suppressed. */
  readonly scoresOf: ScoresOf;
  readonly predictions: readonly Prediction[];
}

/** Takes the results of requests, beside the answer. */
export interface Sink {
  /** The most that it may delay an answer. */
  readonly budgetMs: number;
  /** Takes a result; answers the indexes of the records that it lost, where the client must be told. */
  readonly take: (assessed: Assessed, signal: AbortSignal) => Promise<readonly number[]>;
  /** Hears that `take` failed or was late; answers the indexes of the records that were lost by it. */
  readonly fail: (assessed: Assessed, failure: CallFailure) => readonly number[];
}

/**
 * Hands a result to all sinks at once and answers the indexes of lost records. Never rejects, and settles within the
 * longest budget: no sink fails a prediction, nor delays one for longer, whatever it does.
 */
export async function intoSinks(sinks: readonly Sink[], assessed: Assessed): Promise<ReadonlySet<number>> {
  const lost = await Promise.all(
    sinks.map(async ({ budgetMs, take, fail }) => {
      const signal = AbortSignal.timeout(budgetMs);
      try {
        return await within(signal, take(assessed, signal));
      } catch (error) {
        return fail(assessed, toFailure(error));
      }
    }),
  );
  return new Set(lost.flat());
}
