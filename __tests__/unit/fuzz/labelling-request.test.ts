import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { createHandler } from "../../../handlers/api/labelling/handler";
import { createLabelStore } from "../../../handlers/lib/labelling/store";
import { createTelemetry } from "../../../handlers/lib/util/telemetry";
import { catchOutput } from "../handlers/output";
import { CANARY, hostileValue, written } from "./hostile-values";
import { fuzz } from "./runner";

const output = catchOutput();
const OPERATOR = "operator-of-the-token";
const TASK = "0123456789abcdef0123456789abcdef";
const OTHERS_TASK = "fedcba9876543210fedcba9876543210";
/** What the table was asked to write. */
let writes = 0;
let answered = 0;

const task = (operatorId: string) => ({
  task: { S: TASK },
  model: { S: "m" },
  runId: { S: "run-1" },
  operatorId: { S: operatorId },
  playerId: { S: CANARY },
  status: { S: "open" },
  votes: { M: {} },
  votesToAgree: { N: "2" },
  mostVotes: { N: "3" },
});

const items: Readonly<Record<string, object>> = { [TASK]: task(OPERATOR), [OTHERS_TASK]: task("another-operator") };
// No mock, which would remember all that it was asked: fuzzing asks a great deal.
DynamoDBClient.prototype.send = (async ({ input }: { input: Record<string, unknown> }) => {
  if ("TransactItems" in input) writes += 1;
  const key = (input.Key as { task?: { S: string } } | undefined)?.task?.S ?? "";
  return { Item: Object.hasOwn(items, key) ? items[key] : undefined, Items: [] };
}) as never;
const handler = createHandler({
  telemetry: createTelemetry("labelling", { ENVIRONMENT: "test", LOG_LEVEL: "INFO" }),
  store: createLabelStore(new DynamoDBClient({ region: "eu-west-1" }), "labels"),
  resume: async () => {},
});

const text = fc.oneof(fc.constantFrom("", "0", "101", "1e2", "__proto__", `${CANARY}`, TASK), fc.string());
const claims = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ sub: "l", "custom:operator_id": OPERATOR, "cognito:groups": "labellers" }) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom("sub", "custom:operator_id", "cognito:groups", "aud", "__proto__"), text),
  },
  { weight: 1, arbitrary: fc.constantFrom(null, undefined) },
);
/** Mostly what a right answer to a task has, so that each of the others is alone with its fault. */
const mostly = <T>(right: T, others: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: others });

const event = fc.record({
  httpMethod: mostly("PUT", fc.constantFrom("GET", "POST", "DELETE")),
  resource: mostly(
    "/labelling/tasks/{task}/answer",
    fc.oneof(fc.constantFrom("/labelling/tasks", "/labelling/progress", "/__proto__"), fc.string()),
  ),
  headers: fc.constantFrom(null, {}),
  isBase64Encoded: mostly(false, fc.constant(true)),
  body: mostly<string | null>(
    '{"answer":"problem-gambling"}',
    fc.oneof(
      fc.constantFrom(null, "", '{"answer":"cannot-tell"}', '{"__proto__":{"answer":1}}'),
      fc.record({ answer: hostileValue }).map(written),
      fc.string(),
    ),
  ),
  pathParameters: mostly<Readonly<Record<string, string>> | null>(
    { task: TASK },
    fc.oneof(
      fc.constantFrom(null, {}, { task: OTHERS_TASK }, { task: "../".repeat(9) }),
      fc.dictionary(fc.constantFrom("task", "other"), text),
    ),
  ),
  queryStringParameters: fc.oneof(fc.constant(null), fc.dictionary(fc.constantFrom("limit", "after", "x"), text)),
  requestContext: claims.map((given) => ({
    requestId: "request-1",
    authorizer: given === undefined ? null : { claims: given ?? {} },
  })),
});

fuzz("labelling request", {
  runs: 1_500,
  input: event as fc.Arbitrary<Parameters<typeof handler>[0]>,
  holds: async (sent) => {
    output.forget();
    writes = 0;
    const { statusCode, headers, body } = await handler(sent);
    const document = JSON.parse(body);
    expect([200, 400, 403, 404, 409, 413]).toContain(statusCode);
    expect(body.length).toBeLessThan(5_000);
    expect(output.text()).not.toContain(CANARY);
    if (statusCode !== 200) {
      expect([headers["content-type"], document.status]).toEqual(["application/problem+json", statusCode]);
      expect(body).not.toMatch(/canary|\.(ts|js):\d|Error/);
    }
    // Nobody answers another operator's task, nor without being a labeller.
    const mine = sent.requestContext.authorizer?.claims?.["custom:operator_id"] === OPERATOR;
    if (writes > 0) expect([mine, sent.pathParameters?.task]).toEqual([true, TASK]);
    answered += writes;
  },
});

// Or all were refused for one reason, and nothing was tried.
afterAll(() => expect(answered).toBeGreaterThan(50));
