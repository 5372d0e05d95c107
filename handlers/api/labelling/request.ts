import { ANSWERS, type Answer } from "../../../catalogue/labelling/agreement";
import { LABELLERS, OPERATOR_ATTRIBUTE } from "../../../catalogue/labelling/labellers";
import type { ProxyEvent } from "../../lib/http/api-gateway";
import { Refusal } from "../../lib/http/problem";

/** A request to one of several routes, by somebody whom API Gateway has checked. */
export interface LabellingEvent extends ProxyEvent {
  readonly httpMethod: string;
  /** The route's path, with its parameters' names. */
  readonly resource: string;
  readonly pathParameters: Readonly<Record<string, string | undefined>> | null;
  readonly queryStringParameters: Readonly<Record<string, string | undefined>> | null;
  readonly requestContext: ProxyEvent["requestContext"] & {
    readonly authorizer?: { readonly claims?: Readonly<Record<string, string | undefined>> } | null;
  };
}

export interface Identity {
  readonly labeller: string;
  readonly operatorId: string;
}

const TASK = /^[0-9a-f]{32}$/;
const MOST_TASKS = 100;
const USUAL_TASKS = 20;

/** Reads who asks from the claims of their ID token. Throws a `Refusal` for those who may not label. */
export function identityOf({ requestContext }: LabellingEvent): Identity {
  const claims = requestContext.authorizer?.claims ?? {};
  // API Gateway writes a list as `a,b` or `[a b]`.
  const groups: readonly string[] = claims["cognito:groups"]?.match(/[^[\],\s]+/g) ?? [];
  if (!groups.includes(LABELLERS)) {
    throw new Refusal("not-a-labeller", `the account is not in the group ${LABELLERS}`);
  }
  const { sub: labeller, [`custom:${OPERATOR_ATTRIBUTE}`]: operatorId } = claims;
  if (!labeller || !operatorId) {
    throw new Refusal("not-a-labeller", "the token names no operator; send the ID token, not the access token");
  }
  return { labeller, operatorId };
}

export function pageOf({ queryStringParameters }: LabellingEvent): { limit: number; after?: string } {
  const { limit: wanted = String(USUAL_TASKS), after } = queryStringParameters ?? {};
  const limit = /^\d{1,3}$/.test(wanted) ? Number(wanted) : 0;
  if (limit < 1 || limit > MOST_TASKS) {
    throw new Refusal("bad-request", `limit must be a whole number from 1 to ${MOST_TASKS}`);
  }
  if (after === undefined) return { limit };
  if (!TASK.test(after)) throw new Refusal("bad-request", "after must be the next of an earlier answer");
  return { limit, after };
}

/** The task that the path names. One that cannot exist is refused as one that does not. */
export function taskOf({ pathParameters }: LabellingEvent): string {
  const task = pathParameters?.task ?? "";
  if (!TASK.test(task)) throw noSuchTask();
  return task;
}

export const noSuchTask = () => new Refusal("no-such-task", "you have no task with this id");

export function answerOf({ body, isBase64Encoded }: LabellingEvent): Answer {
  const text = isBase64Encoded ? Buffer.from(body ?? "", "base64").toString() : (body ?? "");
  const answer = answerIn(text);
  const known = ANSWERS.find((each) => each === answer);
  if (known) return known;
  const message = `must be one of ${ANSWERS.join(", ")}`;
  throw new Refusal("bad-request", 'send {"answer": …}', [{ pointer: "/answer", message }]);
}

/** Finds the answer in a body. Throws a `Refusal` when the body is not JSON. */
function answerIn(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && "answer" in parsed ? parsed.answer : undefined;
  } catch {
    // The parser's own message quotes the body.
    throw new Refusal("bad-request", "the body is not JSON");
  }
}
