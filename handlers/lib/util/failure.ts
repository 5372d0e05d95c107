import { isThrottlingError } from "@smithy/core/retry";
import { FAILURES, type FailureKind } from "../../../contracts/problems";

/** A call to another service that failed. */
export class CallFailure extends Error {
  override readonly name = "CallFailure";

  constructor(
    readonly kind: FailureKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The same call may succeed later. */
  get retryable(): boolean {
    return FAILURES[this.kind].retryable;
  }
}

const TIMEOUTS = new Set(["AbortError", "TimeoutError"]);
/** Errors that pass, beside those that the SDK knows and repeats by itself. */
const THROTTLES = new Set([
  "ModelNotReadyException",
  "KmsThrottled",
  "KMS.ThrottlingException",
  "OverLimit",
  "TransactionConflictException",
]);
/** Reasons of DynamoDB for a cancelled transaction that pass (API reference, TransactWriteItems). */
const CANCELLATIONS = new Set(["ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"]);
/** The SDK calls a connection that was reset a `TimeoutError`; its code tells it from a time-out. */
const CONNECTION = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "EAI_AGAIN",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** The fields of SDK and Node errors that say what happened. */
interface ErrorShape {
  readonly name?: string;
  readonly code?: string;
  readonly OriginalStatusCode?: number;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly CancellationReasons?: readonly { readonly Code?: string }[];
}

/** Unknown errors are `refused`: repeating a call that failed for an unknown reason is not safe to promise. */
function kindOf(error: unknown): FailureKind {
  const { name = "", code, OriginalStatusCode, $metadata, CancellationReasons = [] } = shapeOf(error);
  // SageMaker answers 424 with the container's status; 0 is a container that did not answer at all.
  const status = name === "ModelError" ? OriginalStatusCode || 500 : $metadata?.httpStatusCode;
  if (code !== undefined && CONNECTION.has(code)) return "unavailable";
  if (code === "ETIMEDOUT" || TIMEOUTS.has(name)) return "timeout";
  if (status === 429 || THROTTLES.has(name) || (isError(error) && isThrottlingError(error))) return "throttled";
  // A condition that failed as well does so again.
  const reasons = CancellationReasons.flatMap(({ Code = "None" }) => (Code === "None" ? [] : [Code]));
  if (reasons.length > 0 && reasons.every((reason) => CANCELLATIONS.has(reason))) return "throttled";
  return status !== undefined && status >= 500 ? "unavailable" : "refused";
}

/** Tells whether an error is one that the SDK's classification takes. */
const isError = (error: unknown): error is Parameters<typeof isThrottlingError>[0] => error instanceof Error;

const shapeOf = (error: unknown): ErrorShape => (typeof error === "object" && error !== null ? error : {});

/** Describes the failure by name and status only: messages of services may quote what was sent to them. */
export function toFailure(error: unknown): CallFailure {
  if (error instanceof CallFailure) return error;
  const { name = typeof error, code, OriginalStatusCode, $metadata } = shapeOf(error);
  const description = [name, code, OriginalStatusCode ?? $metadata?.httpStatusCode].filter(
    (part) => part !== undefined,
  );
  return new CallFailure(kindOf(error), description.join(" "), { cause: error });
}

/**
 * Settles with the promise or when the signal aborts, whichever is first: a budget must hold even where a client
 * reacts to its abort signal late, such as during a retry's pause.
 */
export function within<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new CallFailure("timeout", "the budget is spent"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
