import { CallFailure } from "../util/failure";

/** Which model an endpoint serves: the SSM parameter that the state machine writes after a verified update. */
export interface ServingRecord {
  readonly modelVersion: string;
  readonly featureHash: string;
  /** Since when it serves, RFC 3339; absent while the initial model does. */
  readonly updatedAt?: string;
}

/** Throws a `CallFailure` when the text is none. */
export function parseServingRecord(value: string): ServingRecord {
  let parsed: Partial<Record<keyof ServingRecord, unknown>> | null = null;
  try {
    parsed = JSON.parse(value);
  } catch {
    // Said below.
  }
  const { modelVersion, featureHash, updatedAt } = parsed ?? {};
  if (typeof modelVersion !== "string" || typeof featureHash !== "string") {
    throw new CallFailure("refused", "the serving record is not {modelVersion, featureHash, …}");
  }
  return { modelVersion, featureHash, ...(typeof updatedAt === "string" && { updatedAt }) };
}
