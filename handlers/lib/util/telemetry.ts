import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import type { CommonSettings } from "../../../contracts/environment";
import type { FunctionName } from "../../../contracts/functions";
import { METRICS, type MetricBy, type MetricDimension, type MetricName, NAMESPACE } from "../../../contracts/metrics";

/** The fields that may be logged: identifiers of requests and runs, counts, names. Never a record, a feature or a player. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface Telemetry {
  readonly info: (message: string, fields: LogFields) => void;
  readonly warn: (message: string, fields: LogFields) => void;
  readonly error: (message: string, fields: LogFields) => void;
  /** Publishes the values of one dataset, model, kind of delivery or operator as a line of CloudWatch's metric format. */
  readonly measure: <By extends MetricDimension>(
    by: By,
    name: string,
    values: Readonly<Partial<Record<MetricBy<By>, number>>>,
  ) => void;
}

/** The name of an error's class: its message may quote a payload, so it stays out of the logs. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

export function createTelemetry(service: FunctionName, environment: CommonSettings): Telemetry {
  const logger = new Logger({
    serviceName: service,
    persistentKeys: { environment: environment.ENVIRONMENT },
  });
  logger.setLogLevel(environment.LOG_LEVEL);
  const metrics = new Metrics({
    namespace: NAMESPACE,
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
