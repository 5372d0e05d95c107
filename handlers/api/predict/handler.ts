import { datasetNamed } from "../../../catalogue/datasets";
import { type Model, models } from "../../../catalogue/models";
import { scalingOf } from "../../../catalogue/training/scaling";
import type { Settings } from "../../../contracts/environment";
import type { PredictReply, PredictRequest } from "../../../contracts/request-path";
import { type EndpointPorts, scoresOf } from "../../lib/aws/endpoint";
import type { PutEvents } from "../../lib/aws/event-bus";
import type { ReadParameter } from "../../lib/aws/parameter";
import { createHistory, type HistoryPorts } from "../../lib/predictions/history";
import { entryOf } from "../../lib/util/environment";
import { CallFailure, within } from "../../lib/util/failure";
import type { Telemetry } from "../../lib/util/telemetry";
import { type CapturePorts, createCapture } from "./capture";
import { type ModelPorts, type PredictResult, predict } from "./logic";
import { createPublish } from "./publish";
import { createServingRecords } from "./serving";
import { intoSinks } from "./sinks";

export interface PredictDeps {
  readonly environment: Omit<
    Settings<"predict">,
    "ASSESSMENT_TABLE" | "PLAYER_TABLE" | "EVENT_BUS" | "UNPUBLISHED_QUEUE"
  >;
  readonly telemetry: Telemetry;
  readonly endpoints: EndpointPorts;
  readonly parameter: ReadParameter;
  readonly put: CapturePorts["put"];
  readonly history: Omit<HistoryPorts, "now">;
  /** The bus of events, and what takes those that it does not. */
  readonly channels: readonly PutEvents[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The most that one read of a serving record may take: while SSM is away, the last known one must come soon enough. */
const SERVING_TIMEOUT_MS = 2_000;

/** Half of an endpoint's budget: the table is read beside the endpoints and written after them. */
export const historyBudgetMs = ({ ENDPOINT_TIMEOUT_MS }: Pick<Settings<"predict">, "ENDPOINT_TIMEOUT_MS">): number =>
  Math.ceil(ENDPOINT_TIMEOUT_MS / 2);

/** Asks the endpoints of a dataset's models for predictions. What is cached between requests belongs to the handler. */
export function createHandler(deps: PredictDeps) {
  const { environment, telemetry, now } = deps;
  const servingOf = servingRecords(deps);
  const sinks = [publishOf(deps), captureOf(deps)];
  const historyOf = createHistory(
    {
      days: environment.RISK_MEMORY_DAYS,
      budgetMs: historyBudgetMs(environment),
      rules: environment.MARKETING_RULES,
    },
    { ...deps.history, now },
  );

  return async (request: PredictRequest): Promise<PredictReply> => {
    const { requestId, dataset, rows } = request;
    const asked = models.filter((model) => model.dataset === dataset && environment.ENDPOINTS.has(model.name));
    const timings: Timings = new Map();
    const result = await predict(
      request,
      asked.map((model) => portsOf(deps, servingOf, model, timings)),
      historyOf((step, { kind, message }) => {
        telemetry.error("what is known of players is not at hand", { requestId, dataset, step, kind, reason: message });
        telemetry.measure("dataset", dataset, { HistoryErrors: 1 });
      }),
      (assessed) => intoSinks(sinks, assessed),
    );
    report(telemetry, requestId, asked, result, timings);
    telemetry.info("predicted", { requestId, dataset, rows: rows.length, predictions: result.predictions.length });
    return { predictions: result.predictions, errors: result.errors };
  };
}

type ServingOf = ReturnType<typeof createServingRecords>;

function servingRecords({ environment, telemetry, parameter, now }: PredictDeps): ServingOf {
  const timeoutMs = Math.min(environment.ENDPOINT_TIMEOUT_MS, SERVING_TIMEOUT_MS);
  return createServingRecords(environment.SERVING_FRESH_SECONDS * 1000, {
    read: (name) => {
      const signal = AbortSignal.timeout(timeoutMs);
      return within(signal, parameter(name, signal));
    },
    now,
    onStale: (name, { kind }) => telemetry.warn("using the last known serving record", { parameter: name, kind }),
  });
}

const captureOf = ({ environment, telemetry, parameter, put, now }: PredictDeps) =>
  createCapture(
    { share: environment.CAPTURE_SHARE, streams: environment.CAPTURE_STREAMS },
    {
      put,
      secret: async (signal) => {
        const secret = await parameter(environment.CAPTURE_SECRET, signal);
        if (secret === "") throw new CallFailure("refused", `${environment.CAPTURE_SECRET} has no secret`);
        return secret;
      },
      now,
      onCaptured: (dataset, rows, failure) => {
        if (failure) {
          const { kind, message: reason } = failure;
          telemetry.warn("traffic was not captured", { dataset, kind, reason });
        }
        telemetry.measure("dataset", dataset, { CapturedRows: rows, CaptureErrors: failure ? 1 : 0 });
      },
    },
  );

const publishOf = ({ telemetry, channels, now }: PredictDeps) =>
  createPublish({
    channels,
    now,
    onPublished: (dataset, events, left) => {
      const [unpublished = 0] = left;
      const lost = left.at(-1) ?? 0;
      if (lost > 0) telemetry.error("events of predictions are lost", { dataset, events, lost });
      telemetry.measure("dataset", dataset, { EventsUnpublished: unpublished, EventsLost: lost });
    },
  });

/** Milliseconds and failures of each model's endpoint in one request. */
type Timings = Map<string, { EndpointLatency: number; EndpointErrors: number }>;

function portsOf(
  { environment, endpoints }: PredictDeps,
  servingOf: ServingOf,
  model: Model,
  timings: Timings,
): ModelPorts {
  const endpoint = entryOf(environment, "ENDPOINTS", model.name);
  const servingParameter = entryOf(environment, "SERVING_PARAMETERS", model.name);
  const columns = datasetNamed(model.dataset).features.length;
  const scaling = scalingOf(model);
  const budgetMs = environment.ENDPOINT_TIMEOUT_MS;
  return {
    model,
    serving: (layout, endpointAnswer) => servingOf(servingParameter, layout, endpointAnswer),
    scores: async (rows) => {
      const started = performance.now();
      const timing = { EndpointLatency: 0, EndpointErrors: 1 };
      timings.set(model.name, timing);
      try {
        const scores = await scoresOf(endpoints, { endpoint, rows, columns, scaling, budgetMs });
        timing.EndpointErrors = 0;
        return scores;
      } finally {
        timing.EndpointLatency = performance.now() - started;
      }
    },
  };
}

function report(
  telemetry: Telemetry,
  requestId: string,
  asked: readonly Model[],
  { predictions, errors, failures }: PredictResult,
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
