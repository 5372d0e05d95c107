import { DynamoDBClient, GetItemCommand, QueryCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { SendTaskSuccessCommand, SFNClient } from "@aws-sdk/client-sfn";
import { mockClient } from "aws-sdk-client-mock";
import { createHandler } from "../../../../../handlers/api/labelling/handler";
import { executionResumer } from "../../../../../handlers/lib/aws/execution";
import { createLabelStore } from "../../../../../handlers/lib/labelling/store";
import { fakeTelemetry } from "../../fakes";

const dynamo = mockClient(DynamoDBClient);
const states = mockClient(SFNClient);
const output = fakeTelemetry();
const handler = createHandler({
  telemetry: output.telemetry,
  store: createLabelStore(new DynamoDBClient({ region: "eu-west-1" }), "labels"),
  resume: executionResumer(new SFNClient({ region: "eu-west-1" })),
});
beforeEach(() => {
  dynamo.reset();
  states.reset();
});

const TASK = "0123456789abcdef0123456789abcdef";
const claims = { sub: "labeller-1", "custom:operator_id": "o", "cognito:groups": "labellers" };
const respond = async (answer = "problem-gambling", given: Record<string, string> = claims) => {
  const { statusCode, headers, body } = await handler({
    httpMethod: "PUT",
    resource: "/labelling/tasks/{task}/answer",
    headers: {},
    body: JSON.stringify({ answer }),
    pathParameters: { task: TASK },
    queryStringParameters: null,
    requestContext: { requestId: "request-1", authorizer: { claims: given } },
  });
  return { statusCode, headers, body: JSON.parse(body) };
};

const S = (value: string) => ({ S: value });
const N = (value: number) => ({ N: String(value) });
const votes = (given: Readonly<Record<string, string>>) => ({
  M: Object.fromEntries(Object.entries(given).map(([who, answer]) => [who, { M: { answer: S(answer), at: S("t") } }])),
});
/** The table with the task, of which somebody else has made one vote. */
function holds(open: number, task: Record<string, object> = {}) {
  const stored = {
    ...{
      task: S(TASK),
      model: S("m"),
      runId: S("run-1"),
      operatorId: S("o"),
      playerId: S("player-1"),
      status: S("open"),
    },
    ...{ votes: votes({ other: "problem-gambling" }), votesToAgree: N(2), mostVotes: N(3) },
    ...task,
  };
  const run = { model: S("m"), runId: S("run-1"), open: N(open), token: S("secret-token") };
  dynamo.on(GetItemCommand, { Key: { task: S(TASK) } }).resolves({ Item: stored });
  dynamo.on(GetItemCommand, { Key: { task: S("run#m#run-1") } }).resolves({ Item: run });
  dynamo.on(TransactWriteItemsCommand).resolves({});
}
const named = (name: string) => Object.assign(new Error("secret-token"), { name });

test("the last answer of a run lets its execution go on, and is measured without saying what it was", async () => {
  holds(0);
  states.on(SendTaskSuccessCommand).resolves({});
  expect(await respond()).toMatchObject({
    statusCode: 200,
    headers: { "content-type": "application/json", "cache-control": "no-store", "x-request-id": "request-1" },
    body: { task: TASK, status: "agreed", counted: true },
  });
  expect(states.commandCalls(SendTaskSuccessCommand)[0]?.args[0].input).toEqual({
    taskToken: "secret-token",
    output: "{}",
  });
  expect(output.metrics()).toEqual([expect.objectContaining({ model: "m", LabelsAnswered: 1, LabelsAgreed: 1 })]);
  expect(output.text()).toContain("run-1");
  expect(output.text()).not.toMatch(/player-1|problem-gambling|labeller-1|secret-token/);
});

test("a task that stays open leaves the execution alone", async () => {
  holds(3, { votes: votes({}) });
  expect((await respond()).body).toMatchObject({ status: "open", counted: true });
  expect(states.calls()).toEqual([]);
  expect(output.metrics()[0]).not.toHaveProperty("LabelsAgreed");
});

test("a disputed task is measured as such; a vote that does not count is not", async () => {
  holds(3, { votes: votes({ a: "no-problem-gambling", b: "cannot-tell" }) });
  await respond();
  expect(output.metrics()).toEqual([expect.objectContaining({ LabelsAnswered: 1, LabelsDisputed: 1 })]);
  holds(3, { votes: votes({ "labeller-1": "problem-gambling" }) });
  expect((await respond()).body).toMatchObject({ counted: false });
  expect(output.metrics()).toHaveLength(1);
});

test.each(["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])("%s: nobody waits any more", async (name) => {
  holds(0);
  states.on(SendTaskSuccessCommand).rejects(named(name));
  expect((await respond()).statusCode).toBe(200);
  expect(output.text()).not.toContain("ERROR");
});

test("an execution that cannot be told does not cost the vote, and is told by the next", async () => {
  holds(0);
  states.on(SendTaskSuccessCommand).rejectsOnce(named("ServiceUnavailable")).resolves({});
  expect((await respond()).body).toMatchObject({ status: "agreed", counted: true });
  expect(output.text()).toMatch(/ERROR.*not told.*ServiceUnavailable/);
  expect(output.text()).not.toContain("secret-token");
  holds(0, { status: S("agreed"), votes: votes({ "labeller-1": "problem-gambling" }) });
  expect((await respond()).body).toEqual({ task: TASK, status: "agreed", counted: false });
  expect(states.calls()).toHaveLength(2);
});

test.each([
  ["another answer", { votes: votes({ "labeller-1": "cannot-tell" }) }, 409, "already-answered"],
  ["another operator's task", { operatorId: S("other") }, 404, "no-such-task"],
])("%s is refused with a problem document", async (_, task, status, problem) => {
  holds(3, task);
  const { statusCode, headers, body } = await respond();
  expect([statusCode, headers["content-type"]]).toEqual([status, "application/problem+json"]);
  expect(body).toMatchObject({ type: `urn:vwt:problem:${problem}`, status, errors: [], requestId: "request-1" });
});

test("accounts that may not label are refused", async () => {
  expect((await respond("problem-gambling", { sub: "x" })).statusCode).toBe(403);
  expect((await respond("perhaps")).body.errors).toEqual([
    { pointer: "/answer", message: "must be one of problem-gambling, no-problem-gambling, cannot-tell" },
  ]);
});

test.each([
  ["ThrottlingException", 503, "5"],
  ["AccessDeniedException", 500, undefined],
])("%s of the table answers %i", async (name, status, retryAfter) => {
  dynamo.on(GetItemCommand).rejects(named(name));
  const { statusCode, headers, body } = await respond();
  expect([statusCode, headers["retry-after"]]).toEqual([status, retryAfter]);
  expect(JSON.stringify(body)).not.toContain("secret-token");
  expect(output.text()).toContain(name);
  expect(output.text()).not.toContain("secret-token");
});

test("progress is asked of the table", async () => {
  dynamo.on(QueryCommand).resolves({ Items: [], Count: 0 });
  const event = { httpMethod: "GET", resource: "/labelling/progress", headers: null, body: null };
  const request = { requestId: "r", authorizer: { claims } };
  const { body } = await handler({
    ...event,
    pathParameters: null,
    queryStringParameters: null,
    requestContext: request,
  });
  expect(JSON.parse(body)).toEqual({ runs: [], openTasks: 0, moreOpenTasks: false });
});
