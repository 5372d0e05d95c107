import fc from "fast-check";
import type { PredictRequest, PreprocessRequest, Row } from "../../../../../contracts/request-path";
import { answerBatch, groupByDataset, type Ports, refusalOf } from "../../../../../handlers/api/filter/logic";
import { CallFailure } from "../../../../../handlers/lib/util/failure";

const DATASETS = ["before-initial-deposit", "gambling-behaviour"];
const never = new AbortController().signal;

/** Ways in which a record fares in the fakes below. */
const FATES = ["good", "invalid", "forgotten-by-preprocess", "forgotten-by-predict", "unpredictable"] as const;
const KINDS = ["ok", "timeout", "throttled", "unavailable", "refused"] as const;
type Kind = (typeof KINDS)[number];

interface FakeRecord {
  readonly fate: string;
}

function fail(kind: Kind | undefined): void {
  if (kind !== undefined && kind !== "ok") throw new CallFailure(kind, "fake");
}

function fakes(preprocess: Readonly<Record<string, Kind>> = {}, predict: Readonly<Record<string, Kind>> = {}) {
  const calls: { step: string; dataset: string; bytes: number; indices: number[] }[] = [];
  const ports: Ports = {
    preprocess: async (dataset, payload) => {
      const { records } = JSON.parse(payload) as PreprocessRequest;
      const indices = records.map(({ index }) => index);
      calls.push({ step: "preprocess", dataset, bytes: Buffer.byteLength(payload), indices });
      fail(preprocess[dataset]);
      const of = (...fates: string[]) => records.filter(({ record }) => fates.includes((record as FakeRecord).fate));
      return {
        featureHash: "hash",
        rows: of("good", "forgotten-by-predict", "unpredictable").map(({ index, record }) => row(index, record)),
        errors: of("invalid").map(({ index }) => ({
          index,
          pointer: `/records/${index}/stake`,
          message: "must be number",
        })),
      };
    },
    predict: async (payload) => {
      const { dataset, rows } = JSON.parse(payload) as PredictRequest;
      const indices = rows.map(({ index }) => index);
      calls.push({ step: "predict", dataset, bytes: Buffer.byteLength(payload), indices });
      fail(predict[dataset]);
      const of = (fate: string) => rows.filter(({ playerId }) => playerId === fate);
      return {
        predictions: of("good").map((good) => ({
          ...good,
          predictionId: `${good.index}`,
          dataset,
          model: "m",
          modelVersion: "1",
          featureHash: "hash",
          score: 0.5,
          reasons: [],
        })),
        errors: of("unpredictable").map(({ index }) => ({
          index,
          pointer: `/records/${index}`,
          message: "the model cannot answer",
          model: "m",
          retryable: false,
        })),
      };
    },
    onFailure: jest.fn(),
  };
  return { ports, calls };
}

function row(index: number, record: unknown): Row {
  const { fate } = record as FakeRecord;
  return { index, playerId: fate, operatorId: "o", asOf: "2026-11-01T00:00:00Z", features: [1], markers: [] };
}

const ask = (ports: Ports, records: readonly unknown[], signal = never) =>
  answerBatch(ports, { requestId: "r", datasets: DATASETS, operators: ["o"], records, signal });

test("every index of any batch ends in predictions or errors, in order, whatever fails", async () => {
  const record = fc.oneof(
    fc.record({ dataset: fc.constantFrom(...DATASETS), fate: fc.constantFrom(...FATES) }),
    fc.record({ dataset: fc.oneof(fc.string(), fc.constant("__proto__"), fc.integer()) }),
    fc.constantFrom(null, 7, "text", [], {}),
  );
  const kinds = fc.record(Object.fromEntries(DATASETS.map((dataset) => [dataset, fc.constantFrom(...KINDS)])));
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 30 }), kinds, kinds, async (records, pre, post) => {
      const { ports } = fakes(pre, post);
      const { predictions, errors } = await ask(ports, records);
      const predicted = predictions.map(({ index }) => index);
      const failed = errors.map(({ index }) => index);
      expect([...predicted, ...failed].sort((a, b) => a - b)).toEqual(records.map((_, index) => index));
      for (const indices of [predicted, failed]) expect(indices).toEqual([...indices].sort((a, b) => a - b));
    }),
  );
});

test("a prediction is given exactly where the record is good and its dataset works", async () => {
  const { ports } = fakes({ "before-initial-deposit": "unavailable" });
  const { predictions, errors } = await ask(ports, [
    { dataset: "before-initial-deposit", fate: "good" },
    { dataset: "gambling-behaviour", fate: "good" },
    { dataset: "gambling-behaviour", fate: "invalid" },
    { dataset: "poker", fate: "good" },
    { dataset: "gambling-behaviour", fate: "forgotten-by-predict" },
    "text",
  ]);
  expect(predictions.map(({ index }) => index)).toEqual([1]);
  const failed = "was not answered because a part of the service failed; send it again";
  expect(errors).toEqual([
    { index: 0, pointer: "/records/0", message: failed, retryable: true },
    { index: 2, pointer: "/records/2/stake", message: "must be number" },
    { index: 3, pointer: "/records/3/dataset", message: "must be one of before-initial-deposit, gambling-behaviour" },
    { index: 4, pointer: "/records/4", message: failed, retryable: true },
    { index: 5, pointer: "/records/5", message: "must be an object" },
  ]);
  expect(ports.onFailure).toHaveBeenCalledWith(
    "preprocess",
    "before-initial-deposit",
    expect.objectContaining({ kind: "unavailable" }),
    1,
  );
});

test("an answer about records that nobody asked about is dropped", async () => {
  const { ports } = fakes();
  const predict: Ports["predict"] = async (payload, signal) => {
    const reply = await ports.predict(payload, signal);
    return { ...reply, predictions: reply.predictions.map((prediction) => ({ ...prediction, index: 99 })) };
  };
  const { predictions, errors } = await ask({ ...ports, predict }, [{ dataset: DATASETS[0], fate: "good" }]);
  expect(predictions).toEqual([]);
  expect(errors).toMatchObject([{ index: 0, retryable: true }]);
});

test("large batches are split below Lambda's limit and lose nothing", async () => {
  const padding = "é".repeat(100_000);
  const records = Array.from({ length: 60 }, () => ({ dataset: DATASETS[1], fate: "good", padding }));
  const { ports, calls } = fakes();
  const { predictions } = await ask(ports, records);
  expect(predictions.map(({ index }) => index)).toEqual(records.map((_, index) => index));
  const preprocessed = calls.filter(({ step }) => step === "preprocess");
  expect(preprocessed.map(({ indices }) => indices.length)).toEqual([24, 24, 12]);
  for (const { bytes } of calls) expect(bytes).toBeLessThan(5_100_000);
});

test("a record that is longer than any can be costs no function's time, and no other its prediction", async () => {
  const { ports, calls } = fakes();
  const long = { dataset: DATASETS[1], fate: "good", padding: "é".repeat(140_000) };
  const { predictions, errors } = await ask(ports, [long, { dataset: DATASETS[1], fate: "good" }]);
  expect(predictions).toMatchObject([{ index: 1 }]);
  const message = expect.stringMatching(/^has 280\d{3} bytes; send at most 262144 for one record$/);
  expect(errors).toEqual([{ index: 0, pointer: "/records/0", message }]);
  for (const { bytes } of calls) expect(bytes).toBeLessThan(10_000);
});

test("a dataset does not wait for another's features", async () => {
  const { ports, calls } = fakes();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const preprocess: Ports["preprocess"] = async (dataset, payload, signal) => {
    if (dataset === "before-initial-deposit") await held;
    return ports.preprocess(dataset, payload, signal);
  };
  const predict: Ports["predict"] = (payload, signal) => {
    release();
    return ports.predict(payload, signal);
  };
  const records = DATASETS.map((dataset) => ({ dataset, fate: "good" }));
  const { predictions } = await ask({ ...ports, preprocess, predict }, records);
  expect(predictions).toHaveLength(2);
  expect(calls.map(({ step, dataset }) => `${step} ${dataset}`)).toEqual([
    "preprocess gambling-behaviour",
    "predict gambling-behaviour",
    "preprocess before-initial-deposit",
    "predict before-initial-deposit",
  ]);
});

test("the budget ends the wait for a function that hangs, and keeps the other dataset's predictions", async () => {
  const { ports } = fakes();
  const preprocess: Ports["preprocess"] = (dataset, payload, signal) =>
    dataset === "before-initial-deposit" ? new Promise(() => {}) : ports.preprocess(dataset, payload, signal);
  const records = DATASETS.map((dataset) => ({ dataset, fate: "good" }));
  const { predictions, errors } = await ask({ ...ports, preprocess }, records, AbortSignal.timeout(30));
  expect(predictions.map(({ index }) => index)).toEqual([1]);
  expect(errors).toEqual([
    { index: 0, pointer: "/records/0", message: "was not answered in time; send it again", retryable: true },
  ]);
});

test("a record nested deeper than can be written is an error of its own", () => {
  const deep = JSON.parse(`{"dataset":"gambling-behaviour","x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
  const { groups, errors } = groupByDataset({
    records: [deep, { dataset: "gambling-behaviour" }],
    datasets: DATASETS,
    operators: ["o"],
  });
  expect(errors).toEqual([{ index: 0, pointer: "/records/0", message: "is nested too deeply" }]);
  expect(groups.get("gambling-behaviour")).toMatchObject([{ index: 1 }]);
});

test.each([
  ["none", undefined],
  ["null", null],
  ["a number", 7],
  ["a list of the client's", ["o"]],
])("an operator that is %s is for the check of records to refuse", (_, operatorId) => {
  const record = { dataset: DATASETS[0], ...(operatorId !== undefined && { operatorId }) };
  const { groups, errors } = groupByDataset({ records: [record], datasets: DATASETS, operators: ["o"] });
  expect([groups.size, errors]).toEqual([1, []]);
});

describe("an answer without predictions is", () => {
  const invalid = { index: 0, pointer: "/records/0", message: "x" };
  const foreign = { ...invalid, status: 403 } as const;
  const service = (retryable: boolean) => ({ ...invalid, retryable });
  test.each([
    ["the client's fault when no record was valid", [invalid], "no-valid-record", 1],
    ["forbidden when all records are of others", [foreign, foreign], "not-your-operator", 2],
    ["the client's fault when one is of others and none is valid", [foreign, invalid], "no-valid-record", 2],
    ["unavailable when one is of others and another may succeed", [foreign, service(true)], "unavailable", 2],
    ["unavailable when anything may succeed later", [invalid, service(false), service(true)], "unavailable", 3],
    ["internal when nothing may, and lists nothing of the inside", [invalid, service(false)], "internal", 0],
  ])("%s", (_, errors, problem, listed) => {
    const refusal = refusalOf({ predictions: [], errors });
    expect(refusal.problem).toBe(problem);
    expect(refusal.errors).toHaveLength(listed);
  });
});
