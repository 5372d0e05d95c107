import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { mockClient } from "aws-sdk-client-mock";
import { functionInvoker } from "../../../../../handlers/api/filter/adapters";
import { createHandler } from "../../../../../handlers/api/filter/handler";
import type { ProxyEvent } from "../../../../../handlers/lib/http/api-gateway";
import { fakeTelemetry } from "../../fakes";
import { toyRecord } from "../../toy";

const PREPROCESS = "arn:aws:lambda:eu-west-1:1:function:preprocess:live";
const PREDICT = "arn:aws:lambda:eu-west-1:1:function:predict:live";
const lambda = mockClient(LambdaClient);
const output = fakeTelemetry();
const handler = createHandler({
  environment: {
    CLIENT_OPERATORS: new Map([["key-1", ["operator-1"]]]),
    PREPROCESS_FUNCTIONS: new Map([["gambling-behaviour", PREPROCESS]]),
    PREDICT_FUNCTION: PREDICT,
    MAX_RECORDS: 2,
    MAX_BODY_BYTES: 1000,
    REQUEST_BUDGET_MS: 300,
  },
  telemetry: output.telemetry,
  invoke: functionInvoker(new LambdaClient({ region: "eu-west-1" })),
});
beforeEach(() => lambda.reset());
afterEach(() => jest.restoreAllMocks());

const json = { "content-type": "application/json" };
const context = { getRemainingTimeInMillis: () => 29_000 };
const event = (body: string | null, headers: ProxyEvent["headers"] = json, isBase64Encoded = false): ProxyEvent => ({
  headers,
  body,
  isBase64Encoded,
  requestContext: { requestId: "request-1", identity: { apiKeyId: "key-1" } },
});
const batch = (...records: unknown[]) => event(JSON.stringify({ records }));
const payload = (value: unknown) => Buffer.from(JSON.stringify(value)) as never;

const row = { index: 0, playerId: "player-1", operatorId: "o", asOf: "t", features: [1], markers: [] };
const prediction = { index: 0, predictionId: "p", model: "m", score: 0.5 };

function replies(preprocess: unknown, predict?: unknown) {
  lambda.on(InvokeCommand, { FunctionName: PREPROCESS }).resolves({ Payload: payload(preprocess) });
  lambda.on(InvokeCommand, { FunctionName: PREDICT }).resolves({ Payload: payload(predict) });
}

async function respond(request: ProxyEvent, remaining = context) {
  const { statusCode, headers, body } = await handler(request, remaining);
  return { statusCode, headers, body: JSON.parse(body) };
}

const bad = 'send {"records": [...]} with at least one record';
test.each([
  ["no headers", event("{}", null), 415, "unsupported-media-type", "send the batch as application/json in UTF-8", []],
  ["text", event("{}", { "Content-Type": "text/plain" }), 415, "unsupported-media-type", /JSON|json/, []],
  [
    "Latin-1",
    event("{}", { "content-type": "application/json; charset=latin1" }),
    415,
    "unsupported-media-type",
    /UTF-8/,
    [],
  ],
  [
    "a compressed body",
    event("{}", { ...json, "Content-Encoding": "gzip" }),
    415,
    "unsupported-media-type",
    "send the batch without content-encoding; it must not be compressed",
    [],
  ],
  ["JSON lookalike", event("{}", { "content-type": "application/jsonp" }), 415, "unsupported-media-type", /json/, []],
  [
    "no body",
    event(null),
    400,
    "not-a-batch",
    "the body is not JSON",
    [{ pointer: "", message: "line 1, column 1: here it stops being JSON" }],
  ],
  [
    "no JSON",
    event('{"records":[player-1'),
    400,
    "not-a-batch",
    "the body is not JSON",
    [{ pointer: "/records/0", message: "line 1, column 13: here it stops being JSON" }],
  ],
  [
    "a number that JSON does not know",
    event('{"records":[{},\n{"playerId":"player-1","age":NaN}]}'),
    400,
    "not-a-batch",
    "the body is not JSON",
    [{ pointer: "/records/1/age", message: "line 2, column 30: NaN is no JSON; leave the field out" }],
  ],
  ["an array", event("[]"), 400, "not-a-batch", bad, [{ pointer: "", message: "must be an object" }]],
  ["null", event("null"), 400, "not-a-batch", bad, [{ pointer: "", message: "must be an object" }]],
  ["no records", event("{}"), 400, "not-a-batch", bad, [{ pointer: "/records", message: "is missing" }]],
  [
    "records no array",
    event('{"records":{}}'),
    400,
    "not-a-batch",
    bad,
    [{ pointer: "/records", message: "must be an array" }],
  ],
  [
    "no record",
    event('{"records":[]}'),
    400,
    "not-a-batch",
    bad,
    [{ pointer: "/records", message: "must not be empty" }],
  ],
  ["bytes", event(`"${"é".repeat(500)}"`), 413, "too-large", "the body has 1002 bytes; send at most 1000", []],
  [
    "count",
    batch(1, 2, 3),
    413,
    "too-large",
    "the batch has 3 records; send at most 2",
    [{ pointer: "/records", message: "has more than 2 records" }],
  ],
  [
    "unknown dataset",
    batch({ dataset: "player-1@secret" }, { playerId: "player-1" }),
    422,
    "no-valid-record",
    "correct the records as the errors say",
    [
      { pointer: "/records/0/dataset", message: "must be one of gambling-behaviour" },
      { pointer: "/records/1/dataset", message: "must be one of gambling-behaviour" },
    ],
  ],
])("refuses %s", async (_, request, status, slug, detail, errors) => {
  const { statusCode, headers, body } = await respond(request);
  expect(statusCode).toBe(status);
  expect(headers).toEqual({
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-request-id": "request-1",
  });
  expect(body).toEqual({
    type: `urn:vwt:problem:${slug}`,
    title: expect.stringMatching(/\w+/),
    status,
    detail: typeof detail === "string" ? detail : expect.stringMatching(detail),
    errors,
    requestId: "request-1",
  });
  expect(JSON.stringify(body)).not.toContain("player-1");
  expect(output.text()).not.toContain("player-1");
  expect(lambda.calls()).toHaveLength(0);
});

test.each([
  ["application/json"],
  ["Application/JSON; Charset=UTF-8"],
  ["application/json;"],
  ["application/json; charset=utf8"],
  ['application/json;charset="utf-8";'],
])("answers %s and passes the records on by the live aliases", async (type) => {
  replies({ featureHash: "h", rows: [row], errors: [] }, { predictions: [prediction], errors: [] });
  const record = toyRecord();
  const { statusCode, headers, body } = await respond(
    event(JSON.stringify({ records: [record] }), { "CONTENT-TYPE": type }),
  );
  expect(statusCode).toBe(200);
  expect(headers).toEqual({
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-request-id": "request-1",
  });
  expect(body).toEqual({ requestId: "request-1", predictions: [prediction], errors: [] });
  const sent = lambda.commandCalls(InvokeCommand).map(({ args }) => args[0].input);
  expect(sent.map(({ FunctionName }) => FunctionName)).toEqual([PREPROCESS, PREDICT]);
  expect(sent.map(({ Payload }) => JSON.parse(String(Payload)))).toEqual([
    { requestId: "request-1", records: [{ index: 0, record }] },
    { requestId: "request-1", dataset: "gambling-behaviour", featureHash: "h", rows: [row] },
  ]);
  expect(output.text()).not.toContain("player-1");
});

const keyed = (identity?: { readonly apiKeyId?: string | null }): ProxyEvent => ({
  ...batch(toyRecord()),
  requestContext: { requestId: "request-1", ...(identity && { identity }) },
});
test.each([
  ["of no identity", keyed()],
  ["without a key", keyed({ apiKeyId: null })],
  ["by a key that the configuration does not know", keyed({ apiKeyId: "key-2" })],
  ["by a key called as what every object has", keyed({ apiKeyId: "constructor" })],
  ["with a record of another operator", batch(toyRecord({ operatorId: "operator-2" }))],
  ["with a record of an operator that there is not", batch(toyRecord({ operatorId: "nobody", dataset: "none" }))],
])("a request %s reaches no function", async (_, request) => {
  const { statusCode, body } = await respond(request);
  expect([statusCode, body.type]).toEqual([403, "urn:vwt:problem:not-your-operator"]);
  expect(lambda.calls()).toHaveLength(0);
  expect(JSON.stringify(body) + output.text()).not.toMatch(/operator-2|nobody|key-2|player-1/);
});

test("a record of another operator costs the client's own ones nothing", async () => {
  replies(
    { featureHash: "h", rows: [{ ...row, index: 1 }], errors: [] },
    { predictions: [{ ...prediction, index: 1 }], errors: [] },
  );
  const { statusCode, body } = await respond(batch(toyRecord({ operatorId: "operator-2" }), toyRecord()));
  expect(statusCode).toBe(200);
  expect(body.predictions).toMatchObject([{ index: 1 }]);
  const message = "is not an operator that you act for";
  expect(body.errors).toEqual([{ index: 0, pointer: "/records/0/operatorId", message, status: 403 }]);
  const sent = lambda.commandCalls(InvokeCommand, { FunctionName: PREPROCESS }).map(({ args }) => args[0].input);
  expect(sent.map(({ Payload }) => JSON.parse(String(Payload)).records)).toEqual([[{ index: 1, record: toyRecord() }]]);
});

test("reads a body that API Gateway has encoded", async () => {
  replies({ featureHash: "h", rows: [row], errors: [] }, { predictions: [prediction], errors: [] });
  const body = Buffer.from(JSON.stringify({ records: [toyRecord()] })).toString("base64");
  expect(await respond(event(body, json, true))).toMatchObject({ statusCode: 200 });
});

test("answers the good records of a batch beside the errors of the bad", async () => {
  const error = { index: 1, pointer: "/records/1/stake", message: "must be number" };
  replies({ featureHash: "h", rows: [row], errors: [error] }, { predictions: [prediction], errors: [] });
  const { statusCode, body } = await respond(batch(toyRecord(), toyRecord({ stake: "x" })));
  expect(statusCode).toBe(200);
  expect(body).toEqual({ requestId: "request-1", predictions: [prediction], errors: [error] });
});

test.each([
  [
    "a function's error",
    () =>
      lambda.on(InvokeCommand).resolves({ FunctionError: "Unhandled", Payload: payload({ errorMessage: "player-1" }) }),
  ],
  [
    "a throttled function",
    () => lambda.on(InvokeCommand).rejects(Object.assign(new Error("player-1"), { name: "TooManyRequestsException" })),
  ],
  ["a reply without lists", () => lambda.on(InvokeCommand).resolves({ Payload: payload({ rows: [] }) })],
  ["entries without an index", () => replies({ featureHash: "h", rows: [{}], errors: [] }, {})],
  ["an empty reply", () => lambda.on(InvokeCommand).resolves({})],
  ["a function that hangs", () => lambda.on(InvokeCommand).callsFake(() => new Promise(() => {}))],
])("answers %s with 503 and Retry-After", async (_, arrange) => {
  arrange();
  const { statusCode, headers, body } = await respond(batch(toyRecord()));
  expect(statusCode).toBe(503);
  expect(headers).toMatchObject({ "retry-after": "5", "content-type": "application/problem+json" });
  expect(body).toMatchObject({ type: "urn:vwt:problem:unavailable", status: 503, errors: [{ pointer: "/records/0" }] });
  expect(output.text() + JSON.stringify(body)).not.toContain("player-1");
  expect(output.metrics()).toMatchObject([{ dataset: "gambling-behaviour", RecordsFailed: 1 }]);
});

test("answers in time although Lambda's own time is almost over", async () => {
  lambda.on(InvokeCommand).callsFake(() => new Promise(() => {}));
  const timeout = jest.spyOn(AbortSignal, "timeout");
  const { statusCode } = await respond(batch(toyRecord()), { getRemainingTimeInMillis: () => 270 });
  expect(statusCode).toBe(503);
  // 250 ms are kept for the answer itself.
  expect(timeout.mock.calls).toEqual([[20]]);
});

test("a function that it may not call is our failure, and says nothing of the inside", async () => {
  const denied = Object.assign(new Error(`may not invoke ${PREPROCESS}`), { name: "AccessDeniedException" });
  lambda.on(InvokeCommand).rejects(denied);
  const { statusCode, body } = await respond(batch(toyRecord()));
  expect(statusCode).toBe(500);
  expect(body).toEqual({
    type: "urn:vwt:problem:internal",
    title: "The service failed",
    status: 500,
    detail: "the request could not be answered",
    errors: [],
    requestId: "request-1",
  });
});
