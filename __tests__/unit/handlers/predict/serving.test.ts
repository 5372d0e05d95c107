import { createServingRecords } from "../../../../handlers/predict/serving";
import { CallFailure } from "../../../../handlers/shared/failure";

const record = (modelVersion: string) => ({ modelVersion, featureHash: "hash" });
const stored = (modelVersion: string) => JSON.stringify({ ...record(modelVersion), endpointConfigName: "c" });

function setUp() {
  const ssm = { answer: async () => stored("1"), reads: 0, now: 0, stale: [] as string[] };
  const servingOf = createServingRecords({
    read: () => {
      ssm.reads += 1;
      return ssm.answer();
    },
    now: () => ssm.now,
    onStale: (parameter, { kind }) => ssm.stale.push(`${parameter} ${kind}`),
  });
  return { ssm, read: (signal = new AbortController().signal) => servingOf("/p", signal) };
}

test("reads again only after five seconds", async () => {
  const { ssm, read } = setUp();
  expect(await read()).toEqual(record("1"));
  ssm.answer = async () => stored("2");
  ssm.now = 4_999;
  expect(await read()).toEqual(record("1"));
  ssm.now = 5_000;
  expect(await read()).toEqual(record("2"));
  expect(ssm.reads).toBe(2);
});

test("keeps the last good record while SSM fails or holds nonsense, and asks again later", async () => {
  const { ssm, read } = setUp();
  await read();
  ssm.now = 6_000;
  ssm.answer = async () => {
    throw new CallFailure("throttled", "busy");
  };
  expect(await read()).toEqual(record("1"));
  expect(await read()).toEqual(record("1"));
  expect(ssm.reads).toBe(2);
  ssm.now = 12_000;
  ssm.answer = async () => "nonsense";
  expect(await read()).toEqual(record("1"));
  ssm.now = 18_000;
  ssm.answer = async () => stored("3");
  expect(await read()).toEqual(record("3"));
  expect(ssm.stale).toEqual(["/p throttled", "/p refused"]);
});

test("the last good record comes also when SSM hangs", async () => {
  const { ssm, read } = setUp();
  await read();
  ssm.now = 6_000;
  ssm.answer = () => new Promise(() => {});
  expect(await read(AbortSignal.timeout(10))).toEqual(record("1"));
});

test("with no record ever read the failure is passed on, retryable as it is", async () => {
  const { ssm, read } = setUp();
  ssm.answer = async () => {
    throw new CallFailure("throttled", "busy");
  };
  await expect(read()).rejects.toMatchObject({ retryable: true });
  ssm.answer = async () => {
    throw Object.assign(new Error("x"), { name: "ParameterNotFound", $metadata: { httpStatusCode: 400 } });
  };
  await expect(read()).rejects.toMatchObject({ retryable: false, message: "ParameterNotFound 400" });
});
