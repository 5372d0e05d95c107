import type { ReferenceName } from "../catalogue/drift/reference";
import type { SignalName } from "../catalogue/drift/signals";
import type { FunctionName } from "./functions";

/** Namespace of the functions' metrics in CloudWatch. */
export const NAMESPACE = "VWT";

/**
 * Every metric of the functions: its unit, the function that publishes it, and what there is one of each for. Its
 * dimensions are `service` (that function), `environment`, and that: a dataset, a model, a kind of delivery or an operator.
 * Of operators there are those alone that an alarm looks at, because each value of a dimension is a metric of its own,
 * which costs: what cannot be delivered to one operator lies in its own dead-letter queue.
 */
export const METRICS = {
  RecordsAccepted: { unit: "Count", of: "preprocess", by: "dataset" },
  RecordsRejected: { unit: "Count", of: "preprocess", by: "dataset" },
  RecordsFailed: { unit: "Count", of: "filter", by: "dataset" },
  Predictions: { unit: "Count", of: "predict", by: "model" },
  PredictionErrors: { unit: "Count", of: "predict", by: "model" },
  Suppressed: { unit: "Count", of: "predict", by: "model" },
  Unjudged: { unit: "Count", of: "predict", by: "model" },
  EndpointLatency: { unit: "Milliseconds", of: "predict", by: "model" },
  EndpointErrors: { unit: "Count", of: "predict", by: "model" },
  CapturedRows: { unit: "Count", of: "predict", by: "dataset" },
  HistoryErrors: { unit: "Count", of: "predict", by: "dataset" },
  CaptureErrors: { unit: "Count", of: "predict", by: "dataset" },
  EventsUnpublished: { unit: "Count", of: "predict", by: "dataset" },
  EventsLost: { unit: "Count", of: "predict", by: "dataset" },
  TrainingRows: { unit: "Count", of: "prepare", by: "model" },
  TrainingRowsRejected: { unit: "Count", of: "prepare", by: "model" },
  LabelsAnswered: { unit: "Count", of: "labelling", by: "model" },
  LabelsAgreed: { unit: "Count", of: "labelling", by: "model" },
  LabelsDisputed: { unit: "Count", of: "labelling", by: "model" },
  DriftRows: { unit: "Count", of: "drift", by: "model" },
  DriftSkipped: { unit: "Count", of: "drift", by: "model" },
  DriftSignals: { unit: "Count", of: "drift", by: "model" },
  FeatureDrift: { unit: "None", of: "drift", by: "model" },
  ScoreDrift: { unit: "None", of: "drift", by: "model" },
  FeaturesDrift: { unit: "None", of: "drift", by: "model" },
  RiskDrift: { unit: "None", of: "drift", by: "model" },
  DomainDrift: { unit: "None", of: "drift", by: "model" },
  ScoreChange: { unit: "None", of: "drift", by: "model" },
  FeaturesChange: { unit: "None", of: "drift", by: "model" },
  RiskChange: { unit: "None", of: "drift", by: "model" },
  DomainChange: { unit: "None", of: "drift", by: "model" },
  Delivered: { unit: "Count", of: "deliver", by: "delivery" },
  DeliveryErrors: { unit: "Count", of: "deliver", by: "delivery" },
  CircuitsOpened: { unit: "Count", of: "deliver", by: "delivery" },
  ReviewsOverdue: { unit: "Count", of: "watch-reviews", by: "operator" },
  ChainRecords: { unit: "Count", of: "write-chain", by: "delivery" },
  ChainTransactions: { unit: "Count", of: "write-chain", by: "delivery" },
  ChainReplacements: { unit: "Count", of: "write-chain", by: "delivery" },
  ChainFailures: { unit: "Count", of: "write-chain", by: "delivery" },
  PlayersScored: { unit: "Count", of: "publish-scores", by: "dataset" },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly unit: string;
      readonly of: FunctionName;
      readonly by: "dataset" | "model" | "delivery" | "operator";
    }
  >
>;

export type MetricName = keyof typeof METRICS;

/** What metrics are told apart by. */
export type MetricDimension = (typeof METRICS)[MetricName]["by"];

/** The metrics of datasets, of models, of kinds of deliveries, or of operators. */
export type MetricBy<By extends MetricDimension> = {
  [Name in MetricName]: (typeof METRICS)[Name] extends { readonly by: By } ? Name : never;
}[MetricName];

/** Names the metric of each signal of drift, by what the traffic is compared with. */
export const DRIFT_METRICS = {
  training: { score: "ScoreDrift", features: "FeaturesDrift", risk: "RiskDrift", domain: "DomainDrift" },
  traffic: { score: "ScoreChange", features: "FeaturesChange", risk: "RiskChange", domain: "DomainChange" },
} as const satisfies Readonly<Record<ReferenceName, Readonly<Record<SignalName, MetricBy<"model">>>>>;

/** Names a metric of one dataset, model, kind of delivery or operator as CloudWatch knows it. */
export function metricOf(name: MetricName, environment: string, of: string) {
  const { of: service, by } = METRICS[name];
  return {
    namespace: NAMESPACE,
    metricName: name,
    dimensions: { service, environment, [by]: of },
  } as const;
}
