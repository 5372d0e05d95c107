import type { Settings } from "../../../contracts/environment";
import type { LambdaContext, ProxyEvent, ProxyResult } from "../../lib/http/api-gateway";
import { operatorsOf } from "../../lib/http/client";
import { jsonResponse, problemResponse, Refusal } from "../../lib/http/problem";
import { entryOf } from "../../lib/util/environment";
import { errorName, type Telemetry } from "../../lib/util/telemetry";
import type { InvokeFunction } from "./adapters";
import { answerBatch, type Ports, refusalOf } from "./logic";
import { readPredictReply, readPreprocessReply } from "./replies";
import { parseBatch } from "./request";

export interface FilterDeps {
  readonly environment: Settings<"filter">;
  readonly telemetry: Telemetry;
  readonly invoke: InvokeFunction;
}

/** Kept from the function's own time-out, so that there is an answer rather than a 502. */
const RESERVE_MS = 250;

/** Answers a batch of records by the functions of their datasets. */
export function createHandler(deps: FilterDeps) {
  const { environment, telemetry } = deps;
  const datasets = [...environment.PREPROCESS_FUNCTIONS.keys()];
  const limits = { maxRecords: environment.MAX_RECORDS, maxBodyBytes: environment.MAX_BODY_BYTES };

  return async (event: ProxyEvent, context: LambdaContext): Promise<ProxyResult> => {
    const { requestId } = event.requestContext;
    try {
      const operators = operatorsOf(event, environment.CLIENT_OPERATORS);
      const records = parseBatch(event, limits);
      const budget = Math.min(environment.REQUEST_BUDGET_MS, context.getRemainingTimeInMillis() - RESERVE_MS);
      const signal = AbortSignal.timeout(Math.max(1, budget));
      const answer = await answerBatch(portsOf(deps, requestId), { requestId, datasets, operators, records, signal });
      const { predictions, errors } = answer;
      telemetry.info("answered", {
        requestId,
        records: records.length,
        predictions: predictions.length,
        errors: errors.length,
      });
      if (predictions.length === 0) throw refusalOf(answer);
      return jsonResponse(200, { requestId, predictions, errors }, requestId);
    } catch (error) {
      if (!(error instanceof Refusal)) telemetry.error("failed", { requestId, error: errorName(error) });
      const refusal = error instanceof Refusal ? error : new Refusal("internal", "the request could not be answered");
      telemetry.info("refused", { requestId, problem: refusal.problem });
      return problemResponse(refusal, requestId);
    }
  };
}

const portsOf = ({ environment, telemetry, invoke }: FilterDeps, requestId: string): Ports => ({
  preprocess: async (dataset, payload, signal) =>
    readPreprocessReply(await invoke(entryOf(environment, "PREPROCESS_FUNCTIONS", dataset), payload, signal)),
  predict: async (payload, signal) => readPredictReply(await invoke(environment.PREDICT_FUNCTION, payload, signal)),
  onFailure: (step, dataset, { kind }, records) => {
    telemetry.warn("a function did not answer", { requestId, step, dataset, kind, records });
    telemetry.measure("dataset", dataset, { RecordsFailed: records });
  },
});
