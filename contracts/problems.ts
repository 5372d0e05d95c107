import type { RecordError } from "./request-path";

/**
 * Lists the problems by which the API refuses requests. Their documents (RFC 9457) have one title for each type. Functions
 * answer with some of these problems, API Gateway with others, and with some both do.
 */
export const PROBLEMS = {
  "not-a-batch": { status: 400, title: "The body is not a batch of records" },
  "bad-request": { status: 400, title: "The request cannot be understood" },
  unauthorized: { status: 401, title: "The token is missing, wrong or too old" },
  "invalid-api-key": { status: 403, title: "The API key is missing or unknown" },
  "access-denied": { status: 403, title: "You may not use this method" },
  "not-your-operator": { status: 403, title: "You do not act for this operator" },
  "not-a-labeller": { status: 403, title: "This account may not label" },
  "not-a-reviewer": { status: 403, title: "This account may not review" },
  "no-such-route": { status: 404, title: "There is nothing at this path and method" },
  "no-such-task": { status: 404, title: "There is no such task" },
  "no-such-player": { status: 404, title: "Nothing is known of the player" },
  "no-such-review": { status: 404, title: "There is no such review" },
  "already-answered": { status: 409, title: "You have answered otherwise" },
  "already-decided": { status: 409, title: "The review has been decided" },
  "needs-another-person": { status: 409, title: "Another person must decide the same" },
  "nothing-to-contest": { status: 409, title: "There is no intervention to contest" },
  "too-large": { status: 413, title: "The batch is too large" },
  "unsupported-media-type": { status: 415, title: "The content type is not supported" },
  "no-valid-record": { status: 422, title: "No record of the batch is valid" },
  throttled: { status: 429, title: "Too many requests", retryAfterInSeconds: 1 },
  "quota-exhausted": { status: 429, title: "The quota of the usage plan is exhausted", retryAfterInSeconds: 3600 },
  internal: { status: 500, title: "The service failed" },
  /** The gateway's own; Lambda's limits among others, which pass. */
  "internal-error": { status: 500, title: "Something went wrong", retryAfterInSeconds: 5 },
  // An overloaded or promoting endpoint recovers in seconds, and a client's queue should not hammer it meanwhile.
  busy: { status: 503, title: "The service is busy", retryAfterInSeconds: 5 },
  unavailable: { status: 503, title: "The answer is not available", retryAfterInSeconds: 5 },
  "time-out": { status: 503, title: "The answer took too long", retryAfterInSeconds: 5 },
} as const satisfies Readonly<
  Record<string, { readonly status: number; readonly title: string; readonly retryAfterInSeconds?: number }>
>;

export type ProblemType = keyof typeof PROBLEMS;

export interface ProblemDocument {
  /** `urn:vwt:problem:<type>` */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What was wrong with this request, and what to do. */
  readonly detail: string;
  readonly errors: readonly Pick<RecordError, "pointer" | "message">[];
  readonly requestId: string;
}

/** Media type of problem documents. */
export const PROBLEM_JSON = "application/problem+json";

/** Makes the document of a problem. */
export function problemDocument(
  problem: ProblemType,
  detail: string,
  errors: ProblemDocument["errors"],
  requestId: string,
): ProblemDocument {
  const { status, title } = PROBLEMS[problem];
  return { type: `urn:vwt:problem:${problem}`, title, status, detail, errors, requestId };
}

/** Seconds after which a client may ask again, where it may. */
export const retryAfterOf = (problem: ProblemType): number | undefined => {
  const found = PROBLEMS[problem];
  return "retryAfterInSeconds" in found ? found.retryAfterInSeconds : undefined;
};

/**
 * Lists the ways in which a call to another service fails: whether the same call may succeed later, and what a
 * client is told of a record that a function, or a model, did therefore not answer.
 */
export const FAILURES = {
  timeout: {
    retryable: true,
    record: "was not answered in time; send it again",
    model: "the model did not answer in time; send the record again",
  },
  throttled: {
    retryable: true,
    record: "was not answered because the service is busy; send it again",
    model: "the model is busy; send the record again",
  },
  unavailable: {
    retryable: true,
    record: "was not answered because a part of the service failed; send it again",
    model: "the model is not available; send the record again",
  },
  refused: {
    retryable: false,
    record: "was not answered because a part of the service failed",
    model: "the model cannot answer",
  },
} as const;

export type FailureKind = keyof typeof FAILURES;
