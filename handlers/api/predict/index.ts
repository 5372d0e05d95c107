import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SSMClient } from "@aws-sdk/client-ssm";
import { datasetNamed } from "../../../catalogue/datasets";
import { type Model, models } from "../../../catalogue/models";
import { readEnvironment } from "../../../contracts/environment";
import type { PredictReply, PredictRequest, Row } from "../../../contracts/request-path";
import { clientOptions } from "../../lib/aws/clients";
import { endpointInvoker, scoresOf } from "../../lib/aws/endpoint";
import { entryOf } from "../../lib/util/environment";
import { within } from "../../lib/util/failure";
import { createTelemetry } from "../../lib/util/telemetry";
import { assessmentTable, parameterReader, recordPutter } from "./adapters";
import { CAPTURE_BUDGET_MS, createCapture } from "./capture";
import { createHistory } from "./history";
import { type ModelPorts, type Outcome, predict } from "./logic";
import { createServingRecords } from "./serving";

const environment = readEnvironment("predict", process.env);
const { ENDPOINTS, ENDPOINT_TIMEOUT_MS: budgetMs } = environment;
/** Shorter than an endpoint's budget may be: while SSM is away, the last known record must come soon enough. */
const SERVING_TIMEOUT_MS = Math.min(budgetMs, 2_000);

const telemetry = createTelemetry("predict", environment);
const invoke = endpointInvoker(
  // Retried by the code around it, which knows the budget.
  new SageMakerRuntimeClient(clientOptions({ timeoutMs: budgetMs, maxAttempts: 1 })),
);
const readParameter = parameterReader(new SSMClient(clientOptions({ timeoutMs: 800, maxAttempts: 3 })));
const servingOf = createServingRecords(environment.SERVING_FRESH_SECONDS * 1000, {
  read: (parameter) => {
    const signal = AbortSignal.timeout(SERVING_TIMEOUT_MS);
    return within(signal, readParameter(parameter, signal));
  },
  now: () => Date.now(),
  onStale: (parameter, { kind }) => telemetry.warn("using the last known serving record", { parameter, kind }),
});

const capture = createCapture(
  { share: environment.CAPTURE_SHARE, streams: environment.CAPTURE_STREAMS },
  {
    put: recordPutter(new FirehoseClient(clientOptions({ timeoutMs: CAPTURE_BUDGET_MS, maxAttempts: 2 }))),
    random: () => Math.random(),
    now: Date.now,
    onCaptured: (dataset, rows, failure) => {
      if (failure)
        telemetry.warn("traffic was not captured", { dataset, rows, kind: failure.kind, reason: failure.message });
      telemetry.measure("dataset", dataset, { CapturedRows: failure ? 0 : rows, CaptureErrors: failure ? 1 : 0 });
    },
  },
);

/** Half of an endpoint's: the table is read beside the endpoints and written after them. */
const historyBudgetMs = Math.ceil(budgetMs / 2);
const historyOf = createHistory(
  { days: environment.RISK_MEMORY_DAYS, budgetMs: historyBudgetMs },
  {
    ...assessmentTable(
      new DynamoDBClient(clientOptions({ timeoutMs: historyBudgetMs, maxAttempts: 2 })),
      environment.ASSESSMENT_TABLE,
    ),
    now: Date.now,
  },
);

/** Milliseconds and failures of each model's endpoint in one request. */
type Timings = Map<string, { EndpointLatency: number; EndpointErrors: number }>;

export async function handler(request: PredictRequest): Promise<PredictReply> {
  const { requestId, dataset, rows } = request;
  const columns = datasetNamed(dataset).features.length;
  const asked = models.filter((model) => model.dataset === dataset && ENDPOINTS.has(model.name));
  const timings: Timings = new Map();
  let captured: Promise<void> | undefined;
  const outcome = await predict(
    request,
    asked.map((model) => portsOf(model, columns, timings)),
    (scoresOf) => {
      captured = capture(request, scoresOf);
    },
    historyOf((step, { kind, message }) => {
      telemetry.error("recent assessments are not at hand", { requestId, dataset, step, kind, reason: message });
      telemetry.measure("dataset", dataset, { HistoryErrors: 1 });
    }),
  );
  report(requestId, asked, outcome, timings);
  telemetry.info("predicted", { requestId, dataset, rows: rows.length, predictions: outcome.predictions.length });
  // Lambda freezes what is still under way when the handler has answered.
  await captured;
  return { predictions: outcome.predictions, errors: outcome.errors };
}

function portsOf(model: Model, columns: number, timings: Timings): ModelPorts {
  const endpoint = entryOf(environment, "ENDPOINTS", model.name);
  const servingParameter = entryOf(environment, "SERVING_PARAMETERS", model.name);
  return {
    model,
    serving: (featureHash, endpointAnswer) => servingOf(servingParameter, featureHash, endpointAnswer),
    scores: async (rows: readonly Row[]) => {
      const started = performance.now();
      const timing = { EndpointLatency: 0, EndpointErrors: 1 };
      timings.set(model.name, timing);
      try {
        const scores = await scoresOf({ invoke, now: Date.now, pause: sleep }, { endpoint, rows, columns, budgetMs });
        timing.EndpointErrors = 0;
        return scores;
      } finally {
        timing.EndpointLatency = performance.now() - started;
      }
    },
  };
}

function report(
  requestId: string,
  asked: readonly Model[],
  { predictions, errors, failures }: Outcome,
  timings: Timings,
): void {
  for (const { model, failure } of failures) {
    telemetry.error("a model did not answer", { requestId, model, kind: failure.kind, reason: failure.message });
  }
  for (const { name } of asked) {
    const own = predictions.filter(({ model }) => model === name);
    telemetry.measure("model", name, {
      Predictions: own.length,
      PredictionErrors: errors.filter(({ model }) => model === name).length,
      Suppressed: own.filter(({ suppressed }) => suppressed !== undefined).length,
      Unjudged: own.filter(({ missing }) => missing !== undefined).length,
      ...timings.get(name),
    });
  }
}
