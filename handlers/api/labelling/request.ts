import { ANSWERS, type Answer } from "../../../catalogue/labelling/agreement";
import type { RoutedEvent } from "../../lib/http/api-gateway";
import { jsonBody } from "../../lib/http/body";
import { Refusal } from "../../lib/http/problem";
import { limitOf } from "../../lib/http/query";

const TASK = /^[0-9a-f]{32}$/;

export function pageOf({ queryStringParameters }: RoutedEvent): { limit: number; after?: string } {
  const { after, ...query } = queryStringParameters ?? {};
  const limit = limitOf(query);
  if (after === undefined) return { limit };
  if (!TASK.test(after)) throw new Refusal("bad-request", "after must be the next of an earlier answer");
  return { limit, after };
}

/** The task that the path names. One that cannot exist is refused as one that does not. */
export function taskOf({ pathParameters }: RoutedEvent): string {
  const task = pathParameters?.task ?? "";
  if (!TASK.test(task)) throw noSuchTask();
  return task;
}

export const noSuchTask = () => new Refusal("no-such-task", "you have no task with this id");

/** An answer is short; whoever sends more sends something else. */
const MOST_BYTES = 10_000;

export function answerOf(event: RoutedEvent): Answer {
  const body = jsonBody(event, MOST_BYTES);
  const answer = typeof body === "object" && body !== null && "answer" in body ? body.answer : undefined;
  const known = ANSWERS.find((each) => each === answer);
  if (known) return known;
  const message = `must be one of ${ANSWERS.join(", ")}`;
  throw new Refusal("bad-request", 'send {"answer": …}', [{ pointer: "/answer", message }]);
}
