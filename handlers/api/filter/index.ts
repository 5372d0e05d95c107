import { LambdaClient } from "@aws-sdk/client-lambda";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import type { Context, ProxyEvent, ProxyResult } from "../../lib/http/api-gateway";
import { jsonResponse, problemResponse, Refusal } from "../../lib/http/problem";
import { createTelemetry, errorName } from "../../lib/util/telemetry";
import { createInvoker } from "./adapters";
import { answerBatch, type Ports, refusalOf } from "./logic";
import { parseBatch } from "./request";

const environment = readEnvironment("filter", process.env);
const telemetry = createTelemetry("filter", environment);
const client = new LambdaClient(clientOptions({ timeoutMs: environment.REQUEST_BUDGET_MS, maxAttempts: 2 }));
const invoker = createInvoker(client, {
  preprocess: environment.PREPROCESS_FUNCTIONS,
  predict: environment.PREDICT_FUNCTION,
});
const datasets = [...environment.PREPROCESS_FUNCTIONS.keys()];
const limits = { maxRecords: environment.MAX_RECORDS, maxBodyBytes: environment.MAX_BODY_BYTES };
/** Kept from the function's own time-out, so that there is an answer rather than a 502. */
const RESERVE_MS = 250;

export async function handler(event: ProxyEvent, context: Context): Promise<ProxyResult> {
  const { requestId } = event.requestContext;
  try {
    const records = parseBatch(event, limits);
    const budget = Math.min(environment.REQUEST_BUDGET_MS, context.getRemainingTimeInMillis() - RESERVE_MS);
    const signal = AbortSignal.timeout(Math.max(1, budget));
    const answer = await answerBatch(portsOf(requestId), { requestId, datasets, records, signal });
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
}

function portsOf(requestId: string): Ports {
  return {
    ...invoker,
    onFailure: (step, dataset, { kind }, records) => {
      telemetry.warn("a function did not answer", { requestId, step, dataset, kind, records });
      telemetry.measure("dataset", dataset, { RecordsFailed: records });
    },
  };
}
