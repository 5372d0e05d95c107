import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { labellingTask } from "../../../../../catalogue/labelling/modes";
import { groupName } from "../../../../../contracts/run-layout";
import { checkOf } from "../../../../../handlers/lib/records/identities";
import { createHandler } from "../../../../../handlers/retraining/prepare";
import type { PrepareInput } from "../../../../../handlers/retraining/prepare/logic";
import { catchOutput } from "../../output";
import { toy, toyRecord } from "../../toy";

const s3 = mockClient(S3Client);
const output = catchOutput();
Object.assign(process.env, {
  ENVIRONMENT: "test",
  LOG_LEVEL: "INFO",
  CURRENCY: "EUR",
  CURRENCY_RATES: '{"SEK":0.125}',
  OPERATOR_CURRENCIES: '{"operator-1":"EUR"}',
  DATA_BUCKETS: '{"gambling-behaviour":"data"}',
  MODEL_BUCKETS: '{"gambling-behaviour-marketing":"model","gambling-behaviour-problem-gambling":"harm"}',
  AWS_REGION: "eu-west-1",
});
const handler = createHandler(toy);
const input: PrepareInput = {
  model: "gambling-behaviour-marketing",
  runId: "run-1",
  keys: ["records/a.jsonl"],
  modified: [1_793_000_000],
  again: false,
};
const context = { getRemainingTimeInMillis: () => 900_000 };
beforeEach(() => s3.reset());

const object = (...chunks: Buffer[]) =>
  s3.on(GetObjectCommand, { Bucket: "data" }).resolves({ Body: Readable.from(chunks) as never });
const objectOf = (...lines: object[]) => object(...lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`)));
const puts = () => s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);

test("amounts and stakes to come are in the models' currency, and a currency that nobody knows is a rejected line", async () => {
  objectOf(
    { ...toyRecord({ currency: "SEK" }), outcome: { stake: 80 } },
    { ...toyRecord({ currency: "NOK" }), outcome: { stake: 80 } },
  );
  expect(await handler(input, context)).toMatchObject({ rows: { train: 1 }, rejected: 1 });
  const [rows, rejected] = puts().map(({ Body }) => String(Body));
  expect(rows).toBe("10,1.5625,nan\n");
  expect(rejected).toContain('[{"pointer":"/currency","message":"must be one of EUR, SEK;');
});

test("streams the object into CSV of the model's target", async () => {
  objectOf({ ...toyRecord(), outcome: { stake: 30 } }, { ...toyRecord(), outcome: {} }, { ...toyRecord() });
  const counts = {
    rows: { train: 1, validation: 0, test: 0 },
    positives: { train: 1, validation: 0, test: 0 },
    sources: { operator: 0, labeller: 0, "self-exclusion": 0, observation: 1 },
    unlabelled: 1,
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
    },
    group: "records/a.jsonl",
    identities: expect.any(Array),
  };
  const found = await handler(input, context);
  expect(found).toEqual(counts);
  // No labels.json: nobody judges what a player will stake.
  expect(s3.commandCalls(GetObjectCommand).map(({ args }) => args[0].input)).toEqual([
    { Bucket: "data", Key: "records/a.jsonl" },
  ]);
  expect(puts().map(({ Bucket, Key, ContentType, Body }) => [Bucket, Key, ContentType, String(Body)])).toEqual([
    ["model", expect.stringMatching(/^rows\/run-1\/train\/[0-9a-f]{16}-0\.csv$/), "text/csv", "30,12.5,nan\n"],
    [
      "model",
      expect.stringMatching(/^rows\/run-1\/rejected\/[0-9a-f]{16}-0\.jsonl$/),
      "application/jsonl",
      '{"key":"records/a.jsonl","line":3,"record":3,"problems":[{"pointer":"/outcome","message":"is missing"}]}\n',
    ],
    ["model", expect.stringMatching(/^rows\/run-1\/identities\/[0-9a-f]{16}\.bin$/), undefined, expect.any(String)],
    [
      "model",
      expect.stringMatching(/^runs\/run-1\/counts\/[0-9a-f]{16}\.json$/),
      "application/json",
      JSON.stringify(found),
    ],
  ]);
  expect(output.metrics()).toMatchObject([{ model: input.model, TrainingRows: 1, TrainingRowsRejected: 1 }]);
  expect(output.text()).not.toContain("player-1");
});

describe("records whose harm is to be judged", () => {
  const model = "gambling-behaviour-problem-gambling";
  const [known, other] = ["player-1", "player-2"].map((playerId) => ({ ...toyRecord({ playerId }), outcome: {} }));
  const agreed = (labels: object) =>
    s3
      .on(GetObjectCommand, { Bucket: "harm", Key: "rows/run-1/labels.json" })
      .resolves({ Body: { transformToString: async () => JSON.stringify(labels) } as never });

  test("have the labels that people agreed on; the others are kept for those who may label them", async () => {
    objectOf(known as object, other as object);
    agreed({ [labellingTask(model, toyRecord())]: 1 });
    expect(await handler({ ...input, model }, context)).toMatchObject({
      rows: { train: 1, validation: 0, test: 0 },
      positives: { train: 1 },
      sources: { labeller: 1 },
      unlabelled: 1,
    });
    const bodies = puts().map(({ Bucket, Key, Body }) => [Bucket, Key?.split("/")[2], String(Body)]);
    expect(bodies.slice(0, 2)).toEqual([
      ["harm", "train", "1,12.5,nan\n"],
      ["harm", "unlabelled", expect.stringContaining(labellingTask(model, toyRecord({ playerId: "player-2" })))],
    ]);
  });

  test("are not prepared without those labels", async () => {
    objectOf(known as object);
    s3.on(GetObjectCommand, { Bucket: "harm" }).rejects(new Error("NoSuchKey"));
    await expect(handler({ ...input, model }, context)).rejects.toThrow("NoSuchKey");
    expect(puts()).toEqual([]);
  });
});

test("prepares a group again without what came more than once, and without what it had left", async () => {
  objectOf({ ...toyRecord(), outcome: { stake: 30 } }, { ...toyRecord({ stake: 13 }), outcome: { stake: 31 } });
  const group = groupName("records/a.jsonl");
  const duplicates = Buffer.alloc(8);
  duplicates.writeUInt32BE(checkOf(createHash("sha256").update("operator-1\nplayer-1").digest()), 4);
  s3.on(GetObjectCommand, { Bucket: "model", Key: `rows/run-1/duplicates/${group}.bin` }).resolves({
    Body: { transformToByteArray: async () => duplicates } as never,
  });
  s3.on(ListObjectsV2Command).callsFake(({ Prefix }) => ({ Contents: [{ Key: `${Prefix}0.csv` }] }));
  s3.on(DeleteObjectsCommand).resolves({});
  expect(await handler({ ...input, again: true }, context)).toMatchObject({
    rows: { train: 1 },
    duplicates: 1,
    lines: 2,
    rejections: { repeated: [{ key: "records/a.jsonl", records: 1 }] },
  });
  const removed = s3.commandCalls(DeleteObjectsCommand).flatMap(({ args }) => args[0].input.Delete?.Objects ?? []);
  expect(removed.map(({ Key }) => Key)).toEqual(
    ["train", "validation", "test", "context", "unlabelled"].map((folder) => `rows/run-1/${folder}/${group}-0.csv`),
  );
  expect(puts().map(({ Body }) => String(Body))).toContain("31,13,nan\n");
});

test("a stream that breaks fails the run instead of ending it early", async () => {
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from("{");
      throw new Error("connection reset");
    })(),
  );
  s3.on(GetObjectCommand).resolves({ Body: broken as never });
  await expect(handler(input, context)).rejects.toThrow("records/a.jsonl cannot be read: Error: connection reset");
});

test("an object too large for one run is refused with the way out", async () => {
  object(Buffer.from("{}\n"));
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
