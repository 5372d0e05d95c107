import fc from "fast-check";
import { EVENT_SCHEMAS } from "../../../../../contracts/events";
import type { Prediction } from "../../../../../contracts/request-path";
import { CHANNEL_BUDGET_MS, createPublish } from "../../../../../handlers/api/predict/publish";
import { intoSinks } from "../../../../../handlers/api/predict/sinks";
import type { PutEvents } from "../../../../../handlers/lib/aws/event-bus";

const prediction = (index: number, model = "risk", more: Partial<Prediction> = {}): Prediction => ({
  index,
  predictionId: `${index}${model === "risk" ? "a" : "b"}`.padStart(32, "0"),
  playerId: `player-${index}`,
  operatorId: "operator-a",
  dataset: "poker",
  model,
  modelVersion: "v1",
  featureHash: "h",
  asOf: "2026-11-26T00:00:00Z",
  score: 0.25,
  riskGroup: "low",
  reasons: ["night-play"],
  ...more,
});
const marketing = (index: number) => {
  const {
    score: _,
    riskGroup: __,
    ...rest
  } = prediction(index, "marketing", { suppressed: { reason: "risk-unknown" } });
  return { ...rest, reasons: [] };
};

type Conduct = "takes" | "loses all" | "loses the first" | "hangs" | "throws";

function setUp(...conducts: readonly Conduct[]) {
  const state = {
    conducts: [...conducts],
    clock: Date.parse("2026-11-26T10:00:00Z"),
    asked: conducts.map(() => [] as (readonly unknown[])[]),
    told: [] as unknown[],
  };
  const channel =
    (place: number): PutEvents =>
    async (events, signal) => {
      state.asked[place]?.push(events);
      const conduct = state.conducts[place];
      if (conduct === "throws") throw new Error("at once");
      if (conduct === "hangs") return new Promise((_, reject) => signal?.addEventListener("abort", reject));
      const lost = { takes: 0, "loses all": events.length, "loses the first": 1 }[conduct ?? "takes"];
      return [...events.keys()].slice(0, lost);
    };
  const sink = createPublish({
    channels: conducts.map((_, place) => channel(place)),
    now: () => state.clock,
    onPublished: (...told) => state.told.push(told),
  });
  const publish = async (predictions: readonly Prediction[]) => [
    ...(await intoSinks([sink], {
      request: { requestId: "r", dataset: "poker", featureHash: "h", rows: [] },
      scoresOf: () => ({}),
      predictions,
    })),
  ];
  return { state, publish, sink };
}

beforeEach(() =>
  jest.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const controller = new AbortController();
    // The budget of all is longer than that of each.
    if (ms === CHANNEL_BUDGET_MS) setImmediate(() => controller.abort());
    return controller.signal;
  }),
);
afterEach(() => jest.restoreAllMocks());

const events = ({ asked }: ReturnType<typeof setUp>["state"], place = 0) => asked[place]?.flat() ?? [];

test("all predictions of a record are one event, which is as its contract says", async () => {
  const { state, publish } = setUp("takes", "takes");
  expect(await publish([prediction(3), marketing(3), prediction(7)])).toEqual([]);
  const told = { modelVersion: "v1", reasons: ["night-play"], riskGroup: "low", score: 0.25, model: "risk" };
  expect(events(state)).toEqual([
    {
      index: 3,
      name: "PlayerAssessed",
      detail: {
        ...{ version: 1, id: expect.stringMatching(/^[0-9a-f]{32}$/), at: "2026-11-26T10:00:00.000Z" },
        ...{ operatorId: "operator-a", playerId: "player-3", dataset: "poker", asOf: "2026-11-26T00:00:00Z" },
        predictions: [
          { ...told, predictionId: prediction(3).predictionId },
          {
            ...{ model: "marketing", modelVersion: "v1", predictionId: marketing(3).predictionId },
            ...{ reasons: [], suppressed: { reason: "risk-unknown" } },
          },
        ],
      },
    },
    expect.objectContaining({ index: 7, name: "PlayerAssessed" }),
  ]);
  for (const { detail } of events(state) as { detail: unknown }[]) {
    expect(EVENT_SCHEMAS.PlayerAssessed.parse(detail)).toEqual(detail);
  }
  expect([state.told, events(state, 1)]).toEqual([[["poker", 2, [0, 0]]], []]);
});

test("the same predictions have the same event id, whenever and in whatever order", async () => {
  const { state, publish } = setUp("takes");
  await publish([prediction(3), marketing(3)]);
  state.clock += 1;
  await publish([marketing(3), prediction(3)]);
  await publish([prediction(3)]);
  const ids = (events(state) as { detail: { id: string } }[]).map(({ detail }) => detail.id);
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});

test("a request without predictions is followed by nothing", async () => {
  const { state, publish } = setUp("takes");
  expect(await publish([])).toEqual([]);
  expect([state.asked, state.told]).toEqual([[[]], []]);
});

test.each([
  ["loses all", ["player-0", "player-1"]],
  ["loses the first", ["player-0"]],
  ["hangs", ["player-0", "player-1"]],
  ["throws", ["player-0", "player-1"]],
] as const)("a bus that %s leaves these to the queue, and nothing is lost", async (conduct, left) => {
  const { state, publish } = setUp(conduct, "takes");
  expect(await publish([prediction(0), prediction(1)])).toEqual([]);
  expect((events(state, 1) as { detail: { playerId: string } }[]).map(({ detail }) => detail.playerId)).toEqual(left);
  expect(state.told).toEqual([["poker", 2, [left.length, 0]]]);
});

test("records that neither takes are told, by their index", async () => {
  const { state, publish } = setUp("loses the first", "throws");
  expect(await publish([prediction(3), marketing(3), prediction(7)])).toEqual([3]);
  state.conducts = ["hangs", "hangs"];
  expect(await publish([prediction(3), marketing(3), prediction(7)])).toEqual([3, 7]);
  expect(state.told).toEqual([
    ["poker", 2, [1, 1]],
    ["poker", 2, [2, 2]],
  ]);
});

test("a bus that takes nothing is not asked for five seconds; the queue, which is the last, always is", async () => {
  const { state, publish } = setUp("loses all", "loses all");
  for (let times = 0; times < 3; times += 1) expect(await publish([prediction(0)])).toEqual([0]);
  expect(state.asked.map(({ length }) => length)).toEqual([1, 3]);
  state.clock += 5_000;
  state.conducts = ["takes", "takes"];
  for (let times = 0; times < 2; times += 1) expect(await publish([prediction(0)])).toEqual([]);
  expect(state.asked.map(({ length }) => length)).toEqual([3, 3]);
});

test("what is told as lost is exactly what no channel took", async () => {
  const conduct = fc.constantFrom<Conduct>("takes", "loses all", "loses the first", "hangs", "throws");
  await fc.assert(
    fc.asyncProperty(conduct, conduct, fc.uniqueArray(fc.nat(50), { maxLength: 6 }), async (bus, queue, indexes) => {
      const { state, publish, sink } = setUp(bus, queue);
      const predictions = indexes.map((index) => prediction(index));
      const leftBy = (each: Conduct, all: readonly number[]) =>
        each === "takes" ? [] : each === "loses the first" ? all.slice(0, 1) : all;
      expect(await publish(predictions)).toEqual(leftBy(queue, leftBy(bus, indexes)));
      expect(sink.budgetMs).toBe(3 * CHANNEL_BUDGET_MS);
      expect(state.asked[0]?.length).toBe(indexes.length > 0 ? 1 : 0);
    }),
    { numRuns: 60 },
  );
});
