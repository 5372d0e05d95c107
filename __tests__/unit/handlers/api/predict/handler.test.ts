import { BatchGetItemCommand, BatchWriteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import { models } from "../../../../../catalogue/models";
import type { handler as Handler } from "../../../../../handlers/api/predict";
import { catchOutput } from "../../output";
import { toy } from "../../toy";

// The handler takes the number of columns from the catalogue: here from a dataset of two features.
jest.mock("../../../../../catalogue/datasets", () => ({ datasetNamed: () => toy }));

const runtime = mockClient(SageMakerRuntimeClient);
const ssm = mockClient(SSMClient);
const firehose = mockClient(FirehoseClient);
const dynamodb = mockClient(DynamoDBClient);
const output = catchOutput();
const [RISK, MARKETING] = ["gambling-behaviour-problem-gambling", "gambling-behaviour-marketing"] as const;
let handler: typeof Handler;

beforeAll(async () => {
  const perModel = (of: (name: string) => string) =>
    JSON.stringify(Object.fromEntries(models.map(({ name }) => [name, of(name)])));
  Object.assign(process.env, {
    ENVIRONMENT: "test",
    LOG_LEVEL: "INFO",
    ENDPOINTS: perModel((name) => `vwt-${name}`),
    SERVING_PARAMETERS: perModel((name) => `/vwt/${name}`),
    ENDPOINT_TIMEOUT_MS: "200",
    SERVING_FRESH_SECONDS: "60",
    ASSESSMENT_TABLE: "assessments",
    RISK_MEMORY_DAYS: "30",
    CAPTURE_STREAMS: '{"gambling-behaviour":"vwt-captured"}',
    CAPTURE_SHARE: "0.25",
    AWS_REGION: "eu-west-1",
  });
  ({ handler } = await import("../../../../../handlers/api/predict"));
});
beforeEach(() => {
  runtime.reset();
  ssm.reset();
  firehose.reset();
  dynamodb.reset();
  dynamodb.on(BatchGetItemCommand).resolves({});
  dynamodb.on(BatchWriteItemCommand).resolves({});
  // No request is captured unless a test says so.
  jest.spyOn(Math, "random").mockReturnValue(0.25);
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: '{"modelVersion":"v1","featureHash":"hash"}' } });
});

const scores = (body: string) => ({ Body: Buffer.from(body) as never });
const endpoint = (model: string) => runtime.on(InvokeEndpointCommand, { EndpointName: `vwt-${model}` });
const request = {
  requestId: "request-1",
  dataset: "gambling-behaviour",
  featureHash: "hash",
  rows: [{ index: 0, playerId: "player-1", operatorId: "o", asOf: "t", features: [0.5, null], markers: [] }],
};

test("asks both models of the dataset, as CSV, and reports what they did", async () => {
  endpoint(RISK).resolves(scores("0.95\n"));
  endpoint(MARKETING).resolves(scores("12.5"));
  const { predictions, errors } = await handler(request);
  expect(predictions).toMatchObject([
    { model: RISK, score: 0.95, riskGroup: "severe", modelVersion: "v1" },
    { model: MARKETING, suppressed: { reason: "risk-high-or-above" } },
  ]);
  expect(errors).toEqual([]);
  const inputs = runtime.commandCalls(InvokeEndpointCommand).map(({ args }) => args[0].input);
  expect(inputs).toHaveLength(2);
  expect(inputs).toMatchObject([{ ContentType: "text/csv" }, { Accept: "text/csv" }]);
  expect(inputs.map(({ Body }) => String(Body))).toEqual(["0.5,nan", "0.5,nan"]);
  expect(output.metrics()).toMatchObject([
    { model: RISK, Predictions: 1, PredictionErrors: 0, Suppressed: 0, EndpointErrors: 0 },
    { model: MARKETING, Predictions: 1, PredictionErrors: 0, Suppressed: 1, EndpointErrors: 0 },
  ]);
  expect(output.text()).not.toContain("player-1");
});

describe("recent assessments", () => {
  const player = { player: { S: expect.stringMatching(/^[0-9a-f]{32}$/) } };

  test("of a player at risk are remembered, and suppress marketing when a later record looks better", async () => {
    endpoint(MARKETING).resolves(scores("12.5"));
    endpoint(RISK).resolves(scores("0.95"));
    await handler(request);
    const [written] = dynamodb.commandCalls(BatchWriteItemCommand).map(({ args }) => args[0].input);
    const Item = written?.RequestItems?.assessments?.[0]?.PutRequest?.Item;
    expect(Item).toEqual({ ...player, expiresAt: { N: expect.stringMatching(/^\d{10}$/) } });
    expect(JSON.stringify(written)).not.toContain("player-1");

    dynamodb.on(BatchGetItemCommand).resolves({ Responses: { assessments: [Item as never] } });
    endpoint(RISK).resolves(scores("0.02"));
    expect((await handler(request)).predictions).toMatchObject([
      { model: RISK, riskGroup: "low", score: 0.02 },
      { model: MARKETING, suppressed: { reason: "risk-high-or-above-lately" } },
    ]);
    const [read] = dynamodb.commandCalls(BatchGetItemCommand).map(({ args }) => args[0].input);
    expect(read?.RequestItems?.assessments).toEqual({ Keys: [player], ConsistentRead: true });
  });
});

test("a throttled call is made once more", async () => {
  const throttled = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
  endpoint(RISK).rejectsOnce(throttled).resolves(scores("0.05"));
  endpoint(MARKETING).resolves(scores("12.5"));
  const { predictions } = await handler(request);
  expect(predictions).toMatchObject([
    { model: RISK, score: 0.05 },
    { model: MARKETING, score: 12.5 },
  ]);
  expect(runtime.commandCalls(InvokeEndpointCommand, { EndpointName: `vwt-${RISK}` })).toHaveLength(2);
});

test("a model whose container refuses the rows is not asked again, and its words stay out of answer and log", async () => {
  const refusal = Object.assign(new Error("secret of player-1"), { name: "ModelError", OriginalStatusCode: 400 });
  endpoint(RISK).rejects(refusal);
  endpoint(MARKETING).resolves(scores("12.5"));
  const reply = await handler(request);
  expect(reply.errors).toMatchObject([{ model: RISK, retryable: false }]);
  expect(reply.predictions).toMatchObject([{ model: MARKETING, suppressed: { reason: "risk-unknown" } }]);
  expect(runtime.commandCalls(InvokeEndpointCommand, { EndpointName: `vwt-${RISK}` })).toHaveLength(1);
  expect(output.text()).toContain("ModelError 400");
  expect(output.text() + JSON.stringify(reply)).not.toContain("secret");
});

test("an endpoint that hangs costs the budget and no more", async () => {
  endpoint(RISK).callsFake(() => new Promise(() => {}));
  endpoint(MARKETING).resolves(scores("12.5"));
  const timeout = jest.spyOn(AbortSignal, "timeout");
  const { errors } = await handler(request);
  expect(Math.max(...timeout.mock.calls.flat())).toBe(200);
  expect(errors).toMatchObject([{ model: RISK, retryable: true, message: expect.stringContaining("in time") }]);
});

describe("captured traffic", () => {
  const captured = () => jest.spyOn(Math, "random").mockReturnValue(0.24);
  const answers = () => {
    endpoint(RISK).resolves(scores("0.95"));
    endpoint(MARKETING).resolves(scores("12.5"));
  };

  test("holds features and the scores of all models, the suppressed one's too, and nobody's name", async () => {
    captured();
    answers();
    firehose.on(PutRecordBatchCommand).resolves({ FailedPutCount: 0, RequestResponses: [] });
    await handler(request);
    const [put, ...others] = firehose.commandCalls(PutRecordBatchCommand).map(({ args }) => args[0].input);
    expect(others).toEqual([]);
    expect(put).toMatchObject({ DeliveryStreamName: "vwt-captured" });
    const text = Buffer.from(put?.Records?.[0]?.Data as Uint8Array).toString();
    expect(JSON.parse(text)).toEqual({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      featureHash: "hash",
      features: [0.5, null],
      scores: { [RISK]: 0.95, [MARKETING]: 12.5 },
    });
    expect(output.metrics()).toContainEqual(
      expect.objectContaining({ dataset: "gambling-behaviour", CapturedRows: 1, CaptureErrors: 0 }),
    );
  });

  test("a request that was not chosen is not captured", async () => {
    answers();
    await handler(request);
    expect(firehose.calls()).toEqual([]);
    expect(output.text()).not.toContain("CaptureErrors");
  });

  test("records that the stream does not take are counted, and the predictions stand", async () => {
    captured();
    answers();
    firehose.on(PutRecordBatchCommand).resolves({ FailedPutCount: 1, RequestResponses: [] });
    const { predictions, errors } = await handler(request);
    expect([predictions.length, errors]).toEqual([2, []]);
    expect(output.metrics()).toContainEqual(expect.objectContaining({ CapturedRows: 0, CaptureErrors: 1 }));
    expect(output.text()).toContain("1 of 1 records were not taken");
  });
});

test("a promotion with other features counts at once, and an SSM that hangs costs no more than the budget", async () => {
  endpoint(RISK).resolves(scores("0.95"));
  endpoint(MARKETING).resolves(scores("12.5"));
  const started = Date.now();
  const clock = jest.spyOn(Date, "now");
  clock.mockReturnValue(started + 10_000);
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: '{"modelVersion":"v2","featureHash":"changed"}' } });
  const { predictions } = await handler({ ...request, featureHash: "changed" });
  expect(predictions).toMatchObject([{ modelVersion: "v2" }, { modelVersion: "v2" }]);
  clock.mockReturnValue(started + 20_000);
  ssm.on(GetParameterCommand).callsFake(() => new Promise(() => {}));
  expect((await handler(request)).errors).toMatchObject([{ retryable: true }, { retryable: true }]);
  clock.mockRestore();
});

// The last: after it the history rests for seconds.
test("recent assessments that cannot be read suppress marketing, and the log says so without a player", async () => {
  dynamodb.on(BatchGetItemCommand).rejects(Object.assign(new Error("player-1"), { name: "AccessDeniedException" }));
  endpoint(MARKETING).resolves(scores("12.5"));
  endpoint(RISK).resolves(scores("0.02"));
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: '{"modelVersion":"v1","featureHash":"hash"}' } });
  const clock = jest.spyOn(Date, "now").mockReturnValue(Date.now() + 600_000);
  const { predictions, errors } = await handler(request);
  clock.mockRestore();
  expect(errors).toEqual([]);
  expect(predictions).toMatchObject([{ score: 0.02 }, { suppressed: { reason: "risk-history-unknown" } }]);
  expect(output.metrics()).toContainEqual(expect.objectContaining({ dataset: "gambling-behaviour", HistoryErrors: 1 }));
  expect(output.text()).toContain("AccessDeniedException");
  expect(output.text()).not.toContain("player-1");
});
