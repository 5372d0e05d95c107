import type { ChainRecord } from "../../../../../chain/records";
import { ChainFailure } from "../../../../../handlers/interventions/write-chain/node";
import { Overtaken } from "../../../../../handlers/interventions/write-chain/store";
import type { Turn } from "../../../../../handlers/interventions/write-chain/turn";
import { write } from "../../../../../handlers/interventions/write-chain/write";
import { FakeStore } from "./signers";

const [one, two] = ["0x01", "0x02"].map((id) => ({ id }) as ChainRecord) as [ChainRecord, ChainRecord];
const turnOf = (final: readonly ChainRecord[], refused: readonly ChainRecord[], ...did: Turn["did"]): Turn => ({
  final: new Set(final.map(({ id }) => id)),
  refused: new Set(refused.map(({ id }) => id)),
  did,
});

let now: number;
let store: FakeStore;
let slept: number;
beforeEach(() => {
  now = 1_000_000;
  store = new FakeStore();
  slept = 0;
});

const never = () => new AbortController().signal;

/** A call of the function, which has a minute; turns end as told, the last one ever again. */
function call(turns: readonly (Turn | Error)[], holder = "me") {
  const started = now;
  let taken = 0;
  const turn = async () => {
    const next = turns[Math.min(taken++, turns.length - 1)] as Turn | Error;
    if (next instanceof Error) throw next;
    return next;
  };
  const sleep = async (ms: number) => {
    slept += 1;
    now += ms;
  };
  const clock = { now: () => now, left: () => started + 60_000 - now, sleep, timeout: never };
  return write([one, two], { store, turn, holder, ...clock });
}

test("records are looked at until all are final or refused", async () => {
  const { final, refused, did } = await call([turnOf([], [], "sent"), turnOf([one], []), turnOf([one], [two])]);
  expect([...final, ...refused]).toEqual([one.id, two.id]);
  expect(did).toEqual(["sent"]);
  expect(slept).toBe(2);
});

test("those that take longer come again", async () => {
  const { final, reason } = await call([turnOf([one], [])]);
  expect([...final]).toEqual([one.id]);
  expect(reason).toBe("it is not final yet");
  expect(now - 1_000_000).toBeLessThan(20_000);
});

test("no turn begins that the function's end could cut", async () => {
  const slow = turnOf([], []);
  const original = now;
  const result = write([one], {
    store,
    turn: async () => {
      now += 15_000;
      return slow;
    },
    holder: "me",
    now: () => now,
    left: () => original + 60_000 - now,
    sleep: async (ms) => {
      now += ms;
    },
    timeout: never,
  });
  await result;
  expect(now - original).toBeLessThanOrEqual(60_000);
});

test.each([
  [60_000, 40],
  [30_000, 20],
])("of %d ms a turn whose node hangs has %d s, and the chain is left alone then", async (left, seconds) => {
  const result = await write([one], {
    ...{ store, holder: "me", now: () => now, left: () => left, sleep: async () => {} },
    turn: () => new Promise(() => {}),
    timeout: (ms) => {
      expect(ms).toBe(seconds * 1000);
      return AbortSignal.abort();
    },
  });
  expect(result).toMatchObject({
    failed: true,
    reason: `the node takes more than ${seconds} s for all that is asked of it`,
  });
  expect(store.turn).toMatchObject({ failures: 1, untilMs: now + 5_000 });
});

test("while a call writes, no other one does; afterwards one may at once", async () => {
  await store.take("other", now, now + 60_000);
  const refused = await call([turnOf([one, two], [])]);
  expect(refused).toMatchObject({ reason: expect.stringContaining("another call writes") });
  expect(refused.final.size).toBe(0);
  await store.end("other", 0, 0);
  expect((await call([turnOf([one, two], [])])).final.size).toBe(2);
  expect((await call([turnOf([one, two], [])], "next")).final.size).toBe(2);
});

test("the turn of a call that was killed is over soon after the function's time is", async () => {
  await store.take("killed", now, now + 65_000);
  now += 65_001;
  expect((await call([turnOf([one, two], [])])).final.size).toBe(2);
});

test("when the chain fails, it is left alone, twice as long each time, for no more than five minutes", async () => {
  const pauses: number[] = [];
  for (let failures = 0; failures < 8; failures += 1) {
    const failed = await call([new ChainFailure("down")]);
    expect(failed).toMatchObject({ reason: "down", failed: true });
    const { untilMs } = store.turn;
    pauses.push((untilMs - now) / 1000);
    now = untilMs - 1;
    expect((await call([turnOf([one, two], [])])).final.size).toBe(0);
    now += 1;
  }
  expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
  await call([turnOf([one, two], [])]);
  expect(store.turn).toMatchObject({ failures: 0, untilMs: 0 });
});

test("what was final before the chain failed stays final", async () => {
  const { final, failed } = await call([turnOf([one], []), new ChainFailure("down")]);
  expect([...final]).toEqual([one.id]);
  expect(failed).toBe(true);
});

test("a call that another one overtakes ends without a pause", async () => {
  expect(await call([new Overtaken("nonce 1")])).toMatchObject({ reason: "another call wrote at the same time" });
  expect(store.turn.untilMs).toBe(0);
});

test("an error that is none of the chain's is thrown, and leaves the chain alone for a while", async () => {
  await expect(call([new Error("a mistake")])).rejects.toThrow("a mistake");
  expect(store.turn.failures).toBe(1);
});
