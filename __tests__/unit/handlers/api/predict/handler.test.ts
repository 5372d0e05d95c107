import { models } from "../../../../../catalogue/models";
import { createHandler } from "../../../../../handlers/api/predict/handler";
import { CallFailure, toFailure } from "../../../../../handlers/lib/util/failure";
import { fakeTelemetry } from "../../fakes";
import { toy } from "../../toy";

// The handler takes the number of columns from the catalogue: here from a dataset of two features.
jest.mock("../../../../../catalogue/datasets", () => ({ datasetNamed: () => toy }));
// Marketing's endpoint answers multiples of the first feature, which is 0.5, and as much again.
jest.mock("../../../../../catalogue/training/scaling", () => {
  const actual = jest.requireActual<typeof import("../../../../../catalogue/training/scaling")>(
    "../../../../../catalogue/training/scaling",
  );
  return {
    ...actual,
    layoutHash: (_model: unknown, features: string) => features,
    scalingOf: ({ name }: { name: string }) =>
      name === "gambling-behaviour-marketing"
        ? { columns: { stake: 0 }, plus: 0.5, weightPower: 0.5 }
        : actual.UNSCALED,
  };
});

const output = fakeTelemetry();
const [RISK, MARKETING] = ["gambling-behaviour-problem-gambling", "gambling-behaviour-marketing"] as const;
type Deps = Parameters<typeof createHandler>[0];

const invoke = jest.fn<Promise<string>, Parameters<Deps["endpoints"]["invoke"]>>();
const parameter = jest.fn<Promise<string>, Parameters<Deps["parameter"]>>();
const put = jest.fn<Promise<void>, Parameters<Deps["put"]>>();
type Reads = Deps["history"];
const read = jest.fn<ReturnType<Reads["read"]>, Parameters<Reads["read"]>>();
const standings = jest.fn<ReturnType<Reads["standings"]>, Parameters<Reads["standings"]>>();
const write = jest.fn<Promise<void>, Parameters<Reads["write"]>>();
type Channel = Deps["channels"][number];
const bus = jest.fn<ReturnType<Channel>, Parameters<Channel>>();
const queue = jest.fn<ReturnType<Channel>, Parameters<Channel>>();
let clock = Date.parse("2026-11-20T10:00:00Z");
const perModel = (of: (name: string) => string) => new Map(models.map(({ name }) => [name, of(name)]));
const handler = createHandler({
  environment: {
    ENDPOINTS: perModel((name) => `vwt-${name}`),
    ENDPOINT_TIMEOUT_MS: 200,
    SERVING_PARAMETERS: perModel((name) => `/vwt/${name}`),
    SERVING_FRESH_SECONDS: 60,
    RISK_MEMORY_DAYS: 30,
    MARKETING_RULES: new Map([["o", { consent: "presumed", suppressFrom: "high" }]]),
    CAPTURE_STREAMS: new Map([["gambling-behaviour", "vwt-captured"]]),
    CAPTURE_SHARE: 0.25,
    CAPTURE_SECRET: "/vwt/secret",
  },
  telemetry: output.telemetry,
  endpoints: { invoke, now: Date.now, pause: async () => {} },
  parameter,
  put,
  history: { read, write, standings },
  channels: [bus, queue],
  now: () => clock,
});

/** What each model's endpoint answers next, and in the end. */
let answers: Map<string, (() => Promise<string>)[]>;
const endpoint = (model: string, ...next: (() => Promise<string>)[]) => answers.set(`vwt-${model}`, next);
const serves = (modelVersion: string, featureHash: string) =>
  parameter.mockImplementation(async (name) =>
    name === "/vwt/secret" ? "secret" : JSON.stringify({ modelVersion, featureHash }),
  );
beforeEach(() => {
  answers = new Map();
  for (const mock of [invoke, parameter, put, read, write, standings, bus, queue]) mock.mockReset();
  invoke.mockImplementation((name) => {
    const next = answers.get(name) ?? [];
    return ((next.length > 1 ? next.shift() : next[0]) as () => Promise<string>)();
  });
  put.mockResolvedValue();
  read.mockResolvedValue(new Map());
  write.mockResolvedValue();
  standings.mockResolvedValue([]);
  for (const channel of [bus, queue]) channel.mockResolvedValue([]);
  serves("v1", "hash");
});
afterEach(() => jest.restoreAllMocks());

const scores = (body: string) => async () => body;
const fails = (error: Error) => async () => {
  throw toFailure(error);
};
const hangs = () => new Promise<never>(() => {});
const callsOf = (model: string) => invoke.mock.calls.filter(([name]) => name === `vwt-${model}`);
const request = {
  requestId: "request-1",
  dataset: "gambling-behaviour",
  featureHash: "hash",
  rows: [{ index: 0, playerId: "player-1", operatorId: "o", asOf: "t", features: [0.5, null], markers: [] }],
};

test("asks both models of the dataset, as CSV, and reports what they did", async () => {
  endpoint(RISK, scores("0.95\n"));
  endpoint(MARKETING, scores("12.5"));
  const { predictions, errors } = await handler(request);
  expect(predictions).toMatchObject([
    { model: RISK, score: 0.95, riskGroup: "severe", modelVersion: "v1" },
    { model: MARKETING, suppressed: { reason: "risk-high-or-above" } },
  ]);
  expect(errors).toEqual([]);
  expect(invoke.mock.calls.map(([name, body]) => [name, body])).toEqual([
    [`vwt-${RISK}`, "0.5,nan"],
    [`vwt-${MARKETING}`, "0.5,nan"],
  ]);
  expect(output.metrics()).toMatchObject([
    { dataset: "gambling-behaviour", EventsUnpublished: 0, EventsLost: 0 },
    { model: RISK, Predictions: 1, PredictionErrors: 0, Suppressed: 0, EndpointErrors: 0 },
    { model: MARKETING, Predictions: 1, PredictionErrors: 0, Suppressed: 1, EndpointErrors: 0 },
  ]);
  expect(output.text()).not.toContain("player-1");
});

describe("recent assessments", () => {
  test("of a player at risk are remembered, and suppress marketing when a later record looks better", async () => {
    endpoint(MARKETING, scores("12.5"));
    endpoint(RISK, scores("0.95"));
    await handler(request);
    const [keys, until] = write.mock.calls[0] ?? [];
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(until).toBe(clock / 1000 + 30 * 86_400);

    read.mockResolvedValue(new Map([[String(keys), Number(until)]]));
    endpoint(RISK, scores("0.02"));
    expect((await handler(request)).predictions).toMatchObject([
      { model: RISK, riskGroup: "low", score: 0.02 },
      { model: MARKETING, suppressed: { reason: "risk-high-or-above-lately" } },
    ]);
    expect(read.mock.calls.map(([asked]) => asked)).toEqual([keys, keys]);
  });
});

test("who excluded themselves get no marketing from the next prediction on, and no event has it", async () => {
  const { operatorId, playerId } = request.rows[0] as (typeof request.rows)[number];
  standings.mockResolvedValue([{ operatorId, playerId, standing: { stop: "self-exclusion" } }]);
  endpoint(RISK, scores("0.02"));
  endpoint(MARKETING, scores("12.5"));
  const { predictions } = await handler(request);
  expect(predictions).toMatchObject([{ model: RISK, score: 0.02 }, { suppressed: { reason: "self-excluded" } }]);
  expect(predictions[1]).not.toHaveProperty("score");
  const [events = []] = bus.mock.calls[0] ?? [];
  expect(JSON.stringify(events)).toContain("self-excluded");
  expect(JSON.stringify(events)).not.toContain("12.5");
});

test("a throttled call is made once more", async () => {
  const throttled = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
  endpoint(RISK, fails(throttled), scores("0.05"));
  endpoint(MARKETING, scores("12.5"));
  const { predictions } = await handler(request);
  expect(predictions).toMatchObject([
    { model: RISK, score: 0.05 },
    { model: MARKETING, score: 12.5 },
  ]);
  expect(callsOf(RISK)).toHaveLength(2);
});

test("a model whose container refuses the rows is not asked again, and its words stay out of answer and log", async () => {
  const refusal = Object.assign(new Error("secret of player-1"), { name: "ModelError", OriginalStatusCode: 400 });
  endpoint(RISK, fails(refusal));
  endpoint(MARKETING, scores("12.5"));
  const reply = await handler(request);
  expect(reply.errors).toMatchObject([{ model: RISK, retryable: false }]);
  expect(reply.predictions).toMatchObject([{ model: MARKETING, suppressed: { reason: "risk-unknown" } }]);
  expect(callsOf(RISK)).toHaveLength(1);
  expect(output.text()).toContain("ModelError 400");
  expect(output.text() + JSON.stringify(reply)).not.toContain("secret");
});

test("an endpoint that hangs costs the budget and no more", async () => {
  endpoint(RISK, hangs);
  endpoint(MARKETING, scores("12.5"));
  const timeout = jest.spyOn(AbortSignal, "timeout");
  const { errors } = await handler(request);
  // Those of the history and of the endpoints, then those of capture, of a channel and of publishing.
  const budgets = [...new Set(timeout.mock.calls.flat())];
  expect(budgets.sort((a, b) => a - b)).toEqual([100, 200, 300, 1_000, 3_000]);
  expect(errors).toMatchObject([{ model: RISK, retryable: true, message: expect.stringContaining("in time") }]);
});

describe("captured traffic", () => {
  // By the secret, one in four is chosen; the player of the other requests is not.
  const chosen = { ...request, rows: request.rows.map((row) => ({ ...row, playerId: "player-5" })) };
  const answers = () => {
    endpoint(RISK, scores("0.95"));
    endpoint(MARKETING, scores("12.5"));
  };

  test("holds features and the scores of all models, the suppressed one's too, and nobody's name", async () => {
    answers();
    await handler(chosen);
    const [[stream, records] = [], ...others] = put.mock.calls;
    expect(others).toEqual([]);
    expect(stream).toBe("vwt-captured");
    expect(JSON.parse(String(records))).toEqual({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      player: "8VcrVndZTtAq_tit",
      featureHash: "hash",
      features: [0.5, null],
      scores: { [RISK]: 0.95, [MARKETING]: 12.5 },
    });
    expect(output.metrics()).toContainEqual(
      expect.objectContaining({ dataset: "gambling-behaviour", CapturedRows: 1, CaptureErrors: 0 }),
    );
  });

  test("a player who was not chosen is not captured", async () => {
    answers();
    await handler(request);
    expect(put).not.toHaveBeenCalled();
    expect(output.text()).not.toContain("CaptureErrors");
  });

  test("records that the stream does not take are counted, and the predictions stand", async () => {
    answers();
    put.mockRejectedValue(new CallFailure("unavailable", "1 of 1 records were not taken"));
    const { predictions, errors } = await handler(chosen);
    expect([predictions.length, errors]).toEqual([2, []]);
    expect(output.metrics()).toContainEqual(expect.objectContaining({ CapturedRows: 0, CaptureErrors: 1 }));
    expect(output.text()).toContain("1 of 1 records were not taken");
  });
});

describe("events of predictions", () => {
  const playersOf = (channel: typeof bus) =>
    channel.mock.calls.flatMap(([events]) => events.map(({ detail }) => detail.playerId));
  beforeEach(() => {
    endpoint(RISK, scores("0.95"));
    endpoint(MARKETING, scores("12.5"));
  });

  test("tell what is answered, and no score that is suppressed", async () => {
    const { predictions } = await handler(request);
    expect(bus.mock.calls[0]?.[0]).toMatchObject([
      {
        name: "PlayerAssessed",
        detail: {
          playerId: "player-1",
          predictions: [
            { model: RISK, score: 0.95, riskGroup: "severe", predictionId: predictions[0]?.predictionId },
            { model: MARKETING, suppressed: { reason: "risk-high-or-above" } },
          ],
        },
      },
    ]);
    expect(JSON.stringify(bus.mock.calls)).not.toContain("12.5");
    expect(predictions.map(({ recorded }) => recorded)).toEqual([undefined, undefined]);
  });

  test("go to the queue where the bus fails, and the predictions stand", async () => {
    bus.mockImplementation(async (events) => [...events.keys()]);
    const { predictions, errors } = await handler(request);
    expect([predictions.length, errors, playersOf(queue)]).toEqual([2, [], ["player-1"]]);
    expect(predictions.map(({ recorded }) => recorded)).toEqual([undefined, undefined]);
    expect(output.metrics()).toContainEqual(expect.objectContaining({ EventsUnpublished: 1, EventsLost: 0 }));
  });

  test("that nobody takes are counted, and their predictions say that they are not recorded", async () => {
    for (const channel of [bus, queue]) channel.mockImplementation(async (events) => [...events.keys()]);
    clock += 10_000;
    const { predictions, errors } = await handler(request);
    expect([predictions.map(({ recorded }) => recorded), errors]).toEqual([[false, false], []]);
    expect(output.metrics()).toContainEqual(expect.objectContaining({ EventsUnpublished: 1, EventsLost: 1 }));
    expect(output.text()).toContain("events of predictions are lost");
    expect(output.text()).not.toContain("player-1");
  });
});

test("a promotion with other features counts at once, and an SSM that hangs costs no more than the budget", async () => {
  endpoint(RISK, scores("0.95"));
  endpoint(MARKETING, scores("12.5"));
  clock += 10_000;
  serves("v2", "changed");
  const { predictions } = await handler({ ...request, featureHash: "changed" });
  expect(predictions).toMatchObject([{ modelVersion: "v2" }, { modelVersion: "v2" }]);
  clock += 10_000;
  parameter.mockImplementation(hangs);
  expect((await handler(request)).errors).toMatchObject([{ retryable: true }, { retryable: true }]);
});

// The last: after it the history rests for seconds.
test("recent assessments that cannot be read suppress marketing, and the log says so without a player", async () => {
  read.mockRejectedValue(Object.assign(new Error("player-1"), { name: "AccessDeniedException" }));
  endpoint(MARKETING, scores("12.5"));
  endpoint(RISK, scores("0.02"));
  clock += 600_000;
  const { predictions, errors } = await handler(request);
  expect(errors).toEqual([]);
  expect(predictions).toMatchObject([{ score: 0.02 }, { suppressed: { reason: "risk-history-unknown" } }]);
  expect(output.metrics()).toContainEqual(expect.objectContaining({ dataset: "gambling-behaviour", HistoryErrors: 1 }));
  expect(output.text()).toContain("AccessDeniedException");
  expect(output.text()).not.toContain("player-1");
});
