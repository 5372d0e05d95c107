import type { RiskGroup } from "../../catalogue/vocabulary";

/** What the functions of the request path say to each other and to the client: docs/contracts.md, "Request path". */

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
}

export interface RecordError {
  readonly index: number;
  /** RFC 6901, from the root of the client's batch. */
  readonly pointer: string;
  readonly message: string;
}

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
  /** Absent when suppressed. */
  readonly score?: number;
  readonly riskGroup?: RiskGroup;
  readonly reasons: readonly string[];
  readonly suppressed?: { readonly reason: string };
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
