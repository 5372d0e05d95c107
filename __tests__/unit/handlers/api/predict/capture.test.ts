import fc from "fast-check";
import { createCapture } from "../../../../../handlers/api/predict/capture";
import { CallFailure } from "../../../../../handlers/lib/util/failure";

const row = (index: number) => ({
  index,
  playerId: `player-${index}`,
  operatorId: "operator-1",
  asOf: "2026-11-01T00:00:00Z",
  features: [index, null, 0.5],
  markers: ["night-play"],
});
const request = (rows = 1) => ({
  requestId: "r",
  dataset: "poker",
  featureHash: "hash",
  rows: Array.from({ length: rows }, (_, index) => row(index)),
});

function setUp({ share = 1, random = 0.5 } = {}) {
  const state = {
    puts: [] as { stream: string; records: readonly string[] }[],
    answer: async () => {},
    now: Date.parse("2026-11-23T10:00:00.5Z"),
    seen: [] as unknown[],
  };
  const capture = createCapture(
    { share, streams: new Map([["poker", "poker-stream"]]) },
    {
      put: (stream, records) => {
        state.puts.push({ stream, records });
        return state.answer();
      },
      random: () => random,
      now: () => state.now,
      onCaptured: (dataset, rows, failure) => state.seen.push([dataset, rows, failure?.kind]),
    },
  );
  return { state, capture };
}

const half = () => ({ risk: 0.5 });

test("a request's rows are one record of lines as in the contract, without player and operator", async () => {
  const { state, capture } = setUp();
  await capture(request(2), ({ index }) => (index === 0 ? { risk: 0.03, stake: 12 } : { stake: 7 }));
  expect(state.puts).toEqual([{ stream: "poker-stream", records: [expect.stringMatching(/\n$/)] }]);
  const lines = state.puts[0]?.records[0]
    ?.trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const common = { at: "2026-11-23T10:00:00.500Z", featureHash: "hash" };
  expect(lines).toEqual([
    { ...common, features: [0, null, 0.5], scores: { risk: 0.03, stake: 12 } },
    { ...common, features: [1, null, 0.5], scores: { stake: 7 } },
  ]);
  expect(JSON.stringify(state.puts)).not.toMatch(/player|operator/);
  expect(state.seen).toEqual([["poker", 2, undefined]]);
});

test("rows without any score are left out, and a request without any is not sent", async () => {
  const { state, capture } = setUp();
  await capture(request(2), ({ index }) => (index === 0 ? {} : { risk: 0.5 }));
  await capture(request(2), () => ({}));
  expect(state.seen).toEqual([["poker", 1, undefined]]);
});

test("whole requests are chosen, about as many as the share says", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (random, share) => {
        const { state, capture } = setUp({ share, random });
        await capture(request(3), half);
        expect(state.seen).toEqual(random < share ? [["poker", 3, undefined]] : []);
      },
    ),
  );
});

test("a dataset without a stream is not captured", async () => {
  const { state, capture } = setUp();
  await capture({ ...request(), dataset: "bingo" }, half);
  expect(state.seen).toEqual([]);
});

test("large requests become records and calls that Firehose takes", async () => {
  const { state, capture } = setUp();
  const features = Array.from({ length: 300 }, () => -1234.5678901234567);
  const rows = Array.from({ length: 1000 }, (_, index) => ({ ...row(index), features }));
  await capture({ ...request(), rows }, half);
  const records = state.puts.flatMap((put) => put.records);
  expect(state.puts.length).toBeGreaterThan(1);
  for (const put of state.puts) expect(put.records.join("").length).toBeLessThan(4_000_000 * 0.75);
  for (const record of records) expect(record.length).toBeLessThan(1_000 * 1024);
  expect(records.join("").trimEnd().split("\n")).toHaveLength(1000);
});

test("a stream that fails is no failure of the request, and rests for ten seconds", async () => {
  const { state, capture } = setUp();
  state.answer = async () => {
    throw new CallFailure("throttled", "busy");
  };
  await capture(request(2), half);
  state.answer = async () => {};
  state.now += 9_999;
  await capture(request(), half);
  expect(state.seen).toEqual([["poker", 2, "throttled"]]);
  state.now += 1;
  await capture(request(), half);
  expect(state.seen).toEqual([
    ["poker", 2, "throttled"],
    ["poker", 1, undefined],
  ]);
});

test("a stream that hangs costs its budget and no more", async () => {
  const { state, capture } = setUp();
  state.answer = () => new Promise(() => {});
  const timeout = jest.spyOn(AbortSignal, "timeout");
  // Node ends a process that waits for an unreferenced timer alone.
  const alive = setInterval(() => {}, 50);
  await capture(request(), half);
  clearInterval(alive);
  expect(timeout.mock.calls).toEqual([[300]]);
  expect(state.seen).toEqual([["poker", 1, "timeout"]]);
});
