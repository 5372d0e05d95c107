import { createHash } from "node:crypto";
import { labellingTask } from "../../../../../catalogue/labelling/modes";
import { groupName } from "../../../../../contracts/run-layout";
import { checkOf } from "../../../../../handlers/lib/records/identities";
import { createHandler } from "../../../../../handlers/retraining/prepare/handler";
import { FakeBuckets, fakeTelemetry } from "../../fakes";
import { toy, toyRecord } from "../../toy";

// Marketing learns multiples of what was staked before, and half a unit. A toy tells nothing of before.
jest.mock("../../../../../catalogue/training/scaling", () => {
  const actual = jest.requireActual<typeof import("../../../../../catalogue/training/scaling")>(
    "../../../../../catalogue/training/scaling",
  );
  return {
    ...actual,
    scalingOf: ({ name }: { name: string }) =>
      name === "gambling-behaviour-marketing" ? { columns: {}, plus: 0.5, weightPower: 0.5 } : actual.UNSCALED,
  };
});

const buckets = new FakeBuckets();
const output = fakeTelemetry();
const deps = {
  environment: {
    CURRENCY: "EUR",
    CURRENCY_RATES: new Map([["SEK", 0.125]]),
    OPERATOR_CURRENCIES: new Map([["operator-1", "EUR"]]),
    DATA_BUCKETS: new Map([["gambling-behaviour", "data"]]),
    MODEL_BUCKETS: new Map([
      ["gambling-behaviour-marketing", "model"],
      ["gambling-behaviour-problem-gambling", "harm"],
    ]),
  },
  telemetry: output.telemetry,
  buckets: buckets.open,
};
const handler = createHandler(toy, deps);
const input = {
  model: "gambling-behaviour-marketing",
  runId: "run-1",
  keys: ["records/a.jsonl"],
  modified: [1_793_000_000],
  newSince: 1_793_000_001,
  again: false,
};
const context = { getRemainingTimeInMillis: () => 900_000 };
beforeEach(() => buckets.reset());
const multiple = (stake: number) => `${stake / 0.5},${Math.sqrt(0.5)}`;

const object = (text: string) => buckets.store("data/records/a.jsonl", text);
const objectOf = (...lines: object[]) => object(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
const puts = () => buckets.puts;

test("amounts and stakes to come are in the models' currency, and a currency that nobody knows is a rejected line", async () => {
  objectOf(
    { ...toyRecord({ currency: "SEK" }), outcome: { stake: 80 } },
    { ...toyRecord({ currency: "NOK" }), outcome: { stake: 80 } },
  );
  expect(await handler(input, context)).toMatchObject({ rows: { train: 1 }, rejected: 1 });
  const [rows, rejected] = puts().map(([, , body]) => body);
  expect(rows).toBe(`${multiple(10)},1.5625,nan\n`);
  expect(rejected).toContain('[{"pointer":"/currency","message":"must be one of EUR, SEK;');
});

test("streams the object into CSV of the model's target", async () => {
  objectOf({ ...toyRecord(), outcome: { stake: 30 } }, { ...toyRecord(), outcome: {} }, { ...toyRecord() });
  const counts = {
    rows: { train: 1, validation: 0, test: 0 },
    positives: { train: 1, validation: 0, test: 0 },
    sources: { operator: 0, labeller: 0, "self-exclusion": 0, observation: 1 },
    operators: [
      {
        operator: "operator-1",
        labelled: 1,
        positives: 1,
        unlabelled: 1,
        observed: 1,
        observedPositives: 1,
        players: expect.any(String),
      },
    ],
    newlyLabelled: 0,
    outOfTime: 0,
    unlabelled: 1,
    unused: 0,
    duplicates: 0,
    rejected: 1,
    lines: 3,
    bytes: 405,
    rejectedBytes: 123,
    rejections: {
      reasons: [{ reason: "/outcome is missing", lines: 1, key: "records/a.jsonl", line: 3 }],
      unusableObjects: 0,
      objects: [],
      repeated: [],
      lacking: { records: 0, of: {} },
    },
    group: "records/a.jsonl",
    identities: expect.any(Array),
  };
  const found = await handler(input, context);
  expect(found).toEqual(counts);
  // No labels.json: nobody judges what a player will stake.
  expect(buckets.reads).toEqual(["data/records/a.jsonl"]);
  expect(puts()).toEqual([
    ["model", expect.stringMatching(/^rows\/run-1\/train\/[0-9a-f]{16}-0\.csv$/), `${multiple(30)},12.5,nan\n`],
    [
      "model",
      expect.stringMatching(/^rows\/run-1\/rejected\/[0-9a-f]{16}-0\.jsonl$/),
      '{"key":"records/a.jsonl","line":3,"record":3,"problems":[{"pointer":"/outcome","message":"is missing"}]}\n',
    ],
    ["model", expect.stringMatching(/^rows\/run-1\/identities\/[0-9a-f]{16}\.bin$/), expect.any(String)],
    ["model", expect.stringMatching(/^runs\/run-1\/counts\/[0-9a-f]{16}\.json$/), JSON.stringify(found)],
  ]);
  expect(output.metrics()).toMatchObject([{ model: input.model, TrainingRows: 1, TrainingRowsRejected: 1 }]);
  expect(output.text()).not.toContain("player-1");
});

describe("records whose harm is to be judged", () => {
  const model = "gambling-behaviour-problem-gambling";
  const [known, other] = ["player-1", "player-2"].map((playerId) => ({ ...toyRecord({ playerId }), outcome: {} }));
  const agreed = (labels: object) => buckets.store("harm/rows/run-1/labels.json", JSON.stringify(labels));

  test("have the labels that people agreed on; the others are kept for those who may label them", async () => {
    objectOf(known as object, other as object);
    agreed({ [labellingTask(model, toyRecord())]: { label: 1, chosen: "lot" } });
    expect(await handler({ ...input, model }, context)).toMatchObject({
      rows: { train: 1, validation: 0, test: 0 },
      positives: { train: 1 },
      sources: { labeller: 1 },
      unlabelled: 1,
    });
    const bodies = puts().map(([bucket, key, body]) => [bucket, key.split("/")[2], body]);
    expect(bodies.slice(0, 2)).toEqual([
      ["harm", "train", "1,1,12.5,nan\n"],
      ["harm", "unlabelled", expect.stringContaining(labellingTask(model, toyRecord({ playerId: "player-2" })))],
    ]);
  });

  test("are not prepared without those labels", async () => {
    objectOf(known as object);
    await expect(handler({ ...input, model }, context)).rejects.toMatchObject({ name: "NoSuchKey" });
    expect(puts()).toEqual([]);
  });

  test("are not prepared with labels that are none", async () => {
    objectOf(known as object);
    agreed({ [labellingTask(model, toyRecord())]: { label: "yes", chosen: "lot" } });
    await expect(handler({ ...input, model }, context)).rejects.toThrow(
      /^labels\.json [0-9a-f]{32}\.label must be a whole number/,
    );
    expect(puts()).toEqual([]);
  });
});

test("prepares a group again without what came more than once, and without what it had left", async () => {
  objectOf({ ...toyRecord(), outcome: { stake: 30 } }, { ...toyRecord({ stake: 13 }), outcome: { stake: 31 } });
  const group = groupName("records/a.jsonl");
  const leftOut = Buffer.alloc(12, 0xff);
  leftOut.writeUInt32BE(0);
  leftOut.writeUInt32BE(checkOf(createHash("sha256").update("operator-1\nplayer-1").digest()), 4);
  buckets.store(`model/rows/run-1/revisions/${group}-0.bin`, leftOut);
  buckets.store("model/rows/run-1/out-of-time/cut.json", '{"from":null,"why":"no record has a label"}');
  const folders = ["train", "validation", "test", "context", "unlabelled"];
  const left = folders.map((folder) => `model/rows/run-1/${folder}/${group}-0.csv`);
  for (const path of left) buckets.store(path, "");
  expect(await handler({ ...input, again: true }, context)).toMatchObject({
    rows: { train: 1 },
    duplicates: 1,
    lines: 2,
    rejections: { repeated: [{ key: "records/a.jsonl", records: 1 }] },
  });
  const removed = buckets.changes.filter((change) => change.startsWith("remove "));
  expect(removed).toEqual(left.map((path) => `remove ${path}`));
  expect(puts().map(([, , body]) => body)).toContain(`${multiple(31)},13,nan\n`);
});

test("a stream that breaks fails the run instead of ending it early", async () => {
  const broken = createHandler(toy, {
    ...deps,
    buckets: (bucket) => ({
      ...buckets.open(bucket),
      open: async () =>
        (async function* () {
          yield Buffer.from("{");
          throw new Error("connection reset");
        })(),
    }),
  });
  await expect(broken(input, context)).rejects.toThrow("records/a.jsonl cannot be read: Error: connection reset");
});

test("an object too large for one run is refused with the way out", async () => {
  object("{}\n");
  const late = { getRemainingTimeInMillis: () => 10_000 };
  await expect(handler(input, late)).rejects.toThrow(
    "records/a.jsonl is too large for one run of the function; split it into smaller objects",
  );
});

test.each([["before-initial-deposit-problem-gambling"], ["poker"]])(
  "model %s is not of this dataset",
  async (model) => {
    await expect(handler({ ...input, model }, context)).rejects.toThrow(`${model} is no model of gambling-behaviour`);
  },
);

test.each([
  [{ ...input, keys: [] }, "input keys must have at least one entry"],
  [{ ...input, modified: ["now"] }, "input modified[0] must be a number (found a string)"],
  [{ ...input, again: "false" }, "input again must be true or false (found a string)"],
])("an input %j is refused", async (wrong, message) => {
  await expect(handler(wrong, context)).rejects.toThrow(message);
});
