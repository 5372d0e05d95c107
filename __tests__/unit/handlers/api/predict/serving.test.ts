import { createServingRecords } from "../../../../../handlers/api/predict/serving";
import { CallFailure } from "../../../../../handlers/lib/util/failure";

const record = (modelVersion: string, featureHash = "hash") => ({ modelVersion, featureHash });
const stored = (modelVersion: string, featureHash?: string) =>
  JSON.stringify({ ...record(modelVersion, featureHash), endpointConfigName: "c" });
const throttled = async () => {
  throw new CallFailure("throttled", "busy");
};
const never = new Promise<never>(() => {});

/** A read that is answered when the test says so. */
function slowRead() {
  let answer = (_: string) => {};
  const reading = new Promise<string>((resolve) => {
    answer = resolve;
  });
  return { reading: () => reading, answer };
}

function setUp() {
  const ssm = { answer: async () => stored("1"), reads: 0, now: 0, stale: [] as string[] };
  const servingOf = createServingRecords(60_000, {
    read: () => {
      ssm.reads += 1;
      return ssm.answer();
    },
    now: () => ssm.now,
    onStale: (parameter, { kind }) => ssm.stale.push(`${parameter} ${kind}`),
  });
  return {
    ssm,
    read: (featureHash = "hash", endpoint: Promise<unknown> = never) => servingOf("/p", featureHash, endpoint),
  };
}

test("reads again only when the record is no longer fresh", async () => {
  const { ssm, read } = setUp();
  expect(await read()).toEqual(record("1"));
  ssm.answer = async () => stored("2");
  ssm.now = 59_999;
  expect(await read()).toEqual(record("1"));
  ssm.now = 60_000;
  expect(await read()).toEqual(record("2"));
  expect(ssm.reads).toBe(2);
});

test("the request does not wait for a slow read any longer than for the endpoint, and the next one has it", async () => {
  const { ssm, read } = setUp();
  await read();
  ssm.now = 61_000;
  const { reading, answer } = slowRead();
  ssm.answer = reading;
  const [one, other] = [read("hash", Promise.resolve()), read("hash", Promise.resolve())];
  expect([await one, await other]).toEqual([record("1"), record("1")]);
  expect(ssm.reads).toBe(2);
  answer(stored("2"));
  expect(await read()).toEqual(record("2"));
  expect(ssm.reads).toBe(2);
});

test("a record that is far from fresh is waited for, as in a container that was frozen for long", async () => {
  const { ssm, read } = setUp();
  await read();
  ssm.now = 600_000;
  ssm.answer = async () => stored("2");
  expect(await read("hash", Promise.resolve())).toEqual(record("2"));
});

test("rows of other features than the record's have it read at once, by one read, and then not for five seconds", async () => {
  const { ssm, read } = setUp();
  await read();
  ssm.answer = async () => stored("2", "new");
  ssm.now = 5_000;
  const { reading, answer } = slowRead();
  ssm.answer = reading;
  const both = [read("new", Promise.resolve()), read("new", Promise.resolve())];
  answer(stored("2", "new"));
  expect(await Promise.all(both)).toEqual([record("2", "new"), record("2", "new")]);
  expect(ssm.reads).toBe(2);
  for (ssm.now = 5_001; ssm.now < 10_000; ssm.now += 1_000) expect(await read("old")).toEqual(record("2", "new"));
  expect(ssm.reads).toBe(2);
  ssm.now = 10_000;
  await read("old");
  expect(ssm.reads).toBe(3);
});

test("keeps the last good record while SSM throttles or holds nonsense, and asks again five seconds later", async () => {
  const { ssm, read } = setUp();
  await read();
  ssm.now = 60_000;
  ssm.answer = throttled;
  expect(await read()).toEqual(record("1"));
  expect(await read()).toEqual(record("1"));
  expect(ssm.reads).toBe(2);
  ssm.now = 65_000;
  ssm.answer = async () => "nonsense";
  expect(await read()).toEqual(record("1"));
  ssm.now = 70_000;
  ssm.answer = async () => stored("3");
  expect(await read()).toEqual(record("3"));
  expect(ssm.stale).toEqual(["/p throttled", "/p refused"]);
});

test("an hour without a good read ends the belief in the last one", async () => {
  const { ssm, read } = setUp();
  await read();
  ssm.answer = throttled;
  ssm.now = 3_599_999;
  expect(await read()).toEqual(record("1"));
  ssm.now = 3_605_000;
  await expect(read()).rejects.toMatchObject({ retryable: true });
  ssm.answer = async () => stored("2");
  expect(await read()).toEqual(record("2"));
});

test("with no record ever read the failure is passed on, retryable as it is", async () => {
  const { ssm, read } = setUp();
  ssm.answer = throttled;
  await expect(read()).rejects.toMatchObject({ retryable: true });
  ssm.answer = async () => {
    throw Object.assign(new Error("x"), { name: "ParameterNotFound", $metadata: { httpStatusCode: 400 } });
  };
  await expect(read()).rejects.toMatchObject({ retryable: false, message: "ParameterNotFound 400" });
  expect(ssm.stale).toEqual([]);
});
