import type { Currency } from "../catalogue/datasets/kit/money";
import type { Risk } from "../catalogue/risk/risk";

/** Messages of the functions of the request path to each other and to the client: docs/contracts.md, "Request path". */

/**
 * Describes the body of a request, as JSON Schema (draft-04): the envelope only. Records are checked one by one, so that
 * one bad record cannot fail the batch.
 */
export const BATCH_SCHEMA = {
  $schema: "http://json-schema.org/draft-04/schema#",
  title: "Batch",
  type: "object",
  required: ["records"],
  properties: { records: { type: "array", minItems: 1 } },
} as const;

export interface IndexedRecord {
  /** Place of the record in the client's batch; everything said about it carries this number. */
  readonly index: number;
  readonly record: unknown;
}

export interface Row {
  readonly index: number;
  readonly playerId: string;
  readonly operatorId: string;
  readonly asOf: string;
  readonly features: readonly (number | null)[];
  readonly markers: readonly string[];
  /** The currency of the record's amounts; the features are in that of the models. */
  readonly amounts?: Currency;
  /** Needs that the record lacks, by model; models that lack nothing are left out. */
  readonly lacks?: Lacks;
}

export type Lacks = Readonly<Record<string, readonly string[]>>;

export interface RecordError {
  readonly index: number;
  /** RFC 6901, from the root of the client's batch. */
  readonly pointer: string;
  readonly message: string;
  /** Set when the client may not send the record, whatever it says. */
  readonly status?: 403;
}

/** Points at a record of the client's batch (RFC 6901). */
export const recordPointer = (index: number): string => `/records/${index}`;

/** An error that is not the client's: with `retryable`, the same record may succeed later. */
export interface ServiceError extends RecordError {
  readonly model?: string;
  readonly retryable: boolean;
}

export type ModelError = ServiceError & { readonly model: string };

export interface Prediction {
  readonly index: number;
  readonly predictionId: string;
  readonly playerId: string;
  readonly operatorId: string;
  readonly dataset: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly featureHash: string;
  readonly asOf: string;
  /** Absent when suppressed, and when the record lacks what the model needs to judge. */
  readonly score?: number;
  /** ISO 4217 code of the currency that an expected stake is in: the record's. */
  readonly currency?: string;
  readonly riskGroup?: Risk;
  /** Days after `asOf` within which what the score is the probability of happens; absent where it is no probability. */
  readonly horizonDays?: number;
  /** The model's needs that the record lacks. */
  readonly missing?: readonly string[];
  readonly reasons: readonly string[];
  /** Why there is no score; `missing` names the needs of the model that judges the risk, where that is the reason. */
  readonly suppressed?: { readonly reason: string; readonly missing?: readonly string[] };
  /** Present when nothing but this answer knows of the prediction: no intervention and no delivery follows it. */
  readonly recorded?: false;
}

export interface PreprocessRequest {
  readonly requestId: string;
  readonly records: readonly IndexedRecord[];
}

export interface PreprocessReply {
  readonly featureHash: string;
  readonly rows: readonly Row[];
  readonly errors: readonly RecordError[];
}

export interface PredictRequest {
  readonly requestId: string;
  readonly dataset: string;
  readonly featureHash: string;
  readonly rows: readonly Row[];
}

export interface PredictReply {
  readonly predictions: readonly Prediction[];
  readonly errors: readonly ModelError[];
}
