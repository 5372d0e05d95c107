import type { RecordError } from "../../../contracts/request-path";
import type { ProxyResult } from "./api-gateway";

/** Every way to refuse a request, as RFC 9457 problem types. `detail` comes from the place that refuses. */
const PROBLEMS = {
  "not-a-batch": { status: 400, title: "The body is not a batch of records" },
  "too-large": { status: 413, title: "The batch is too large" },
  "unsupported-media-type": { status: 415, title: "The content type is not supported" },
  "no-valid-record": { status: 422, title: "No record of the batch is valid" },
  "bad-request": { status: 400, title: "The request cannot be understood" },
  "not-a-labeller": { status: 403, title: "This account may not label" },
  "no-such-route": { status: 404, title: "There is nothing at this path and method" },
  "no-such-task": { status: 404, title: "There is no such task" },
  "already-answered": { status: 409, title: "You have answered otherwise" },
  busy: { status: 503, title: "The service is busy" },
  internal: { status: 500, title: "The service failed" },
  unavailable: { status: 503, title: "No model could answer in time" },
} as const;

type ProblemType = keyof typeof PROBLEMS;

export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors: readonly { readonly pointer: string; readonly message: string }[];
  readonly requestId: string;
}

/** Thrown where a request is refused; becomes the response at the handler's edge. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly problem: ProblemType,
    detail: string,
    readonly errors: readonly Pick<RecordError, "pointer" | "message">[] = [],
  ) {
    super(detail);
  }
}

/** An overloaded or promoting endpoint recovers in seconds, and a client's queue should not hammer it meanwhile. */
const RETRY_AFTER_SECONDS = 5;

export function problemDocument({ problem, message, errors }: Refusal, requestId: string): ProblemDocument {
  const { status, title } = PROBLEMS[problem];
  return {
    type: `urn:vwt:problem:${problem}`,
    title,
    status,
    detail: message,
    errors: errors.map(({ pointer, message }) => ({ pointer, message })),
    requestId,
  };
}

export function problemResponse(refusal: Refusal, requestId: string): ProxyResult {
  const document = problemDocument(refusal, requestId);
  const retry = document.status === 503 ? { "retry-after": String(RETRY_AFTER_SECONDS) } : {};
  return response(document.status, "application/problem+json", document, requestId, retry);
}

export function jsonResponse(status: number, body: object, requestId: string): ProxyResult {
  return response(status, "application/json", body, requestId);
}

function response(
  statusCode: number,
  contentType: string,
  body: object,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): ProxyResult {
  return {
    statusCode,
    headers: { "content-type": contentType, "cache-control": "no-store", "x-request-id": requestId, ...headers },
    body: JSON.stringify(body),
  };
}
