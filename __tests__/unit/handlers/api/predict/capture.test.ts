import type { PredictRequest } from "../../../../../contracts/request-path";
import { createCapture } from "../../../../../handlers/api/predict/capture";
import { intoSinks, type ScoresOf } from "../../../../../handlers/api/predict/sinks";
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

function setUp({ share = 1 } = {}) {
  const state = {
    puts: [] as { stream: string; records: readonly string[] }[],
    answer: async () => {},
    secret: async () => "a secret",
    secrets: 0,
    now: Date.parse("2026-11-23T10:00:00.5Z"),
    seen: [] as unknown[],
  };
  const sink = createCapture(
    { share, streams: new Map([["poker", "poker-stream"]]) },
    {
      put: (stream, records) => {
        state.puts.push({ stream, records });
        return state.answer();
      },
      secret: () => {
        state.secrets += 1;
        return state.secret();
      },
      now: () => state.now,
      onCaptured: (dataset, rows, failure) => state.seen.push([dataset, rows, failure?.kind]),
    },
  );
  const capture = async (asked: PredictRequest, scoresOf: ScoresOf) =>
    // Nothing that is not captured is lost to the client.
    expect(await intoSinks([sink], { request: asked, scoresOf, predictions: [] })).toEqual(new Set());
  return { state, capture };
}

const half = () => ({ risk: 0.5 });

/** The lines that were captured. */
const linesOf = ({ puts }: { puts: readonly { readonly records: readonly string[] }[] }) =>
  puts.flatMap(({ records }) =>
    records.flatMap((record) =>
      record
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ),
  );

test("a request's rows are one record of lines as in the contract, with a key for player and operator", async () => {
  const { state, capture } = setUp();
  await capture(request(2), ({ index }) => (index === 0 ? { risk: 0.03, stake: 12 } : { stake: 7 }));
  expect(state.puts).toEqual([{ stream: "poker-stream", records: [expect.stringMatching(/\n$/)] }]);
  const common = { at: "2026-11-23T10:00:00.500Z", player: expect.stringMatching(/^[\w-]{16}$/), featureHash: "hash" };
  expect(linesOf(state)).toEqual([
    { ...common, features: [0, null, 0.5], scores: { risk: 0.03, stake: 12 } },
    { ...common, features: [1, null, 0.5], scores: { stake: 7 } },
  ]);
  expect(JSON.stringify(state.puts)).not.toMatch(/player-|operator/);
  expect(state.seen).toEqual([["poker", 2, undefined]]);
});

test("rows without any score are left out, and a request without any is not sent", async () => {
  const { state, capture } = setUp();
  await capture(request(2), ({ index }) => (index === 0 ? {} : { risk: 0.5 }));
  await capture(request(2), () => ({}));
  expect(state.seen).toEqual([["poker", 1, undefined]]);
});

const keysOf = (state: Parameters<typeof linesOf>[0]) => linesOf(state).map(({ player }) => player);

test("a player has one key in every request, another at another operator, and another under another secret", async () => {
  const players = [
    row(1),
    { ...row(1), index: 0, asOf: "2026-11-02T00:00:00Z" },
    { ...row(1), operatorId: "operator-2" },
  ];
  const keys: string[][] = [];
  for (const secret of ["a secret", "a secret", "another"]) {
    const { state, capture } = setUp();
    state.secret = async () => secret;
    await capture({ ...request(), rows: players }, half);
    keys.push(keysOf(state));
  }
  const [[one, again, elsewhere] = [], repeated, others = []] = keys;
  expect(again).toBe(one);
  expect(repeated).toEqual(keys[0]);
  expect(new Set([one, elsewhere, ...others]).size).toBe(4);
});

test.each([0.1, 0.5, 0.9])(
  "players are chosen, and not requests: %d of them, the same ones each time",
  async (share) => {
    const { state, capture } = setUp({ share });
    await capture(request(2000), half);
    const chosen = keysOf(state);
    expect(chosen.length / 2000).toBeGreaterThan(share - 0.04);
    expect(chosen.length / 2000).toBeLessThan(share + 0.04);
    for (const one of request(2000).rows.reverse()) await capture({ ...request(), rows: [one] }, half);
    expect(new Set(keysOf(state))).toEqual(new Set(chosen));
    // What chooses a player shows in no key: those of the chosen are spread like all.
    const first = chosen.filter((key) => key < "V").length / chosen.length;
    expect(Math.abs(first - 0.5)).toBeLessThan(0.2);
  },
);

test("the secret is read once; a request whose secret cannot be read is not captured, and capture rests", async () => {
  const { state, capture } = setUp();
  state.secret = async () => {
    throw new CallFailure("unavailable", "no");
  };
  await capture(request(2), half);
  await capture(request(2), half);
  expect([state.puts, state.seen, state.secrets]).toEqual([[], [["poker", 0, "unavailable"]], 1]);
  state.secret = async () => "a secret";
  state.now += 10_000;
  for (let times = 0; times < 3; times += 1) await capture(request(), half);
  expect([state.puts.length, state.secrets]).toEqual([3, 2]);
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
  expect(state.seen).toEqual([["poker", 0, "throttled"]]);
  state.now += 1;
  await capture(request(), half);
  expect(state.seen).toEqual([
    ["poker", 0, "throttled"],
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
  expect(state.seen).toEqual([["poker", 0, "timeout"]]);
});
