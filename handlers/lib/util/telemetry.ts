import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";

/**
 * Every metric of the handlers, in the namespace `VWT`, and its unit. Dashboards and alarms name them; each is
 * published with the dimensions `service` (the handler), `environment`, and `dataset` or `model` (see `by`).
 */
export const METRICS = {
  RecordsAccepted: { unit: "Count", by: "dataset" },
  RecordsRejected: { unit: "Count", by: "dataset" },
  RecordsFailed: { unit: "Count", by: "dataset" },
  Predictions: { unit: "Count", by: "model" },
  PredictionErrors: { unit: "Count", by: "model" },
  Suppressed: { unit: "Count", by: "model" },
  Unjudged: { unit: "Count", by: "model" },
  EndpointLatency: { unit: "Milliseconds", by: "model" },
  EndpointErrors: { unit: "Count", by: "model" },
  TrainingRows: { unit: "Count", by: "model" },
  TrainingRowsRejected: { unit: "Count", by: "model" },
  LabelsAnswered: { unit: "Count", by: "model" },
  LabelsAgreed: { unit: "Count", by: "model" },
  LabelsDisputed: { unit: "Count", by: "model" },
  CapturedRows: { unit: "Count", by: "dataset" },
  HistoryErrors: { unit: "Count", by: "dataset" },
  CaptureErrors: { unit: "Count", by: "dataset" },
  DriftRows: { unit: "Count", by: "model" },
  DriftSkipped: { unit: "Count", by: "model" },
  FeatureDrift: { unit: "None", by: "model" },
  FeaturesDrifted: { unit: "Count", by: "model" },
  ScoreDrift: { unit: "None", by: "model" },
} as const;

type MetricName = keyof typeof METRICS;
type By = (typeof METRICS)[MetricName]["by"];
type MetricsBy<B extends By> = { [M in MetricName]: (typeof METRICS)[M]["by"] extends B ? M : never }[MetricName];

/** What may be logged: identifiers of requests and runs, counts, names. Never a record, a feature or a player. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface Telemetry {
  readonly info: (message: string, fields: LogFields) => void;
  readonly warn: (message: string, fields: LogFields) => void;
  readonly error: (message: string, fields: LogFields) => void;
  /** Publishes the values of one dataset or model as one line of CloudWatch's embedded metric format. */
  readonly measure: <B extends By>(
    by: B,
    name: string,
    values: Readonly<Partial<Record<MetricsBy<B>, number>>>,
  ) => void;
}

/** The name of an error's class: its message may quote a payload, so it stays out of the logs. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

export function createTelemetry(service: string, environment: { ENVIRONMENT: string; LOG_LEVEL: string }): Telemetry {
  const logger = new Logger({
    serviceName: service,
    persistentKeys: { environment: environment.ENVIRONMENT },
  });
  const level = environment.LOG_LEVEL.toUpperCase();
  if (isLevel(level)) logger.setLogLevel(level);
  const metrics = new Metrics({
    namespace: "VWT",
    serviceName: service,
    defaultDimensions: { environment: environment.ENVIRONMENT },
  });
  return {
    info: (message, fields) => logger.info(message, fields),
    warn: (message, fields) => logger.warn(message, fields),
    error: (message, fields) => logger.error(message, fields),
    measure: (by, name, values) => {
      metrics.addDimensions({ [by]: name });
      for (const [metric, value] of Object.entries(values) as [MetricName, number][]) {
        metrics.addMetric(metric, METRICS[metric].unit, value);
      }
      metrics.publishStoredMetrics();
    },
  };
}

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "SILENT", "CRITICAL"] as const;

function isLevel(level: string): level is (typeof LEVELS)[number] {
  return (LEVELS as readonly string[]).includes(level);
}
