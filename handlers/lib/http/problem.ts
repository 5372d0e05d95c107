import {
  PROBLEM_JSON,
  type ProblemDocument,
  type ProblemType,
  problemDocument,
  retryAfterOf,
} from "../../../contracts/problems";
import type { ProxyResult } from "./api-gateway";

/** Thrown where a request is refused; becomes the response at the handler's edge. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly problem: ProblemType,
    detail: string,
    readonly errors: ProblemDocument["errors"] = [],
  ) {
    super(detail);
  }
}

/** Makes the response that refuses a request. */
export function problemResponse({ problem, message, errors }: Refusal, requestId: string): ProxyResult {
  const document = problemDocument(
    problem,
    message,
    errors.map(({ pointer, message }) => ({ pointer, message })),
    requestId,
  );
  const seconds = retryAfterOf(problem);
  const retry = seconds === undefined ? {} : { "retry-after": String(seconds) };
  return response(document.status, PROBLEM_JSON, document, requestId, retry);
}

export function jsonResponse(
  status: number,
  body: object,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): ProxyResult {
  return response(status, "application/json", body, requestId, headers);
}

/** Makes the response to a client that has the answer already. */
export const notModified = (requestId: string, headers: Readonly<Record<string, string>>): ProxyResult => ({
  statusCode: 304,
  headers: { "x-request-id": requestId, ...headers },
  body: "",
});

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
