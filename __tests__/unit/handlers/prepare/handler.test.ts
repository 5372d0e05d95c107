import { Readable } from "node:stream";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { createHandler } from "../../../../handlers/prepare";
import { catchOutput } from "../output";
import { toy, toyRecord } from "../toy";

jest.mock("../../../../catalogue/labels", () => ({
  labels: { stake: ({ outcome }: { outcome: { stake?: number } }) => outcome.stake ?? null },
}));

const s3 = mockClient(S3Client);
const output = catchOutput();
Object.assign(process.env, {
  ENVIRONMENT: "test",
  DATA_BUCKETS: '{"gambling-behaviour":"data"}',
  MODEL_BUCKETS: '{"gambling-behaviour-marketing":"model"}',
  AWS_REGION: "eu-west-1",
});
const handler = createHandler(toy);
const input = { model: "gambling-behaviour-marketing", runId: "run-1", keys: ["records/a.jsonl"] as [string] };
const context = { getRemainingTimeInMillis: () => 900_000 };
beforeEach(() => s3.reset());

const object = (...chunks: Buffer[]) => s3.on(GetObjectCommand).resolves({ Body: Readable.from(chunks) as never });

test("streams the object into CSV of the model's target", async () => {
  const lines = [{ ...toyRecord(), outcome: { stake: 30 } }, { ...toyRecord(), outcome: {} }, { ...toyRecord() }];
  object(...lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`)));
  expect(await handler(input, context)).toEqual({
    rows: { train: 1, validation: 0, test: 0 },
    positives: 1,
    unlabelled: 1,
    rejected: 1,
    lines: 3,
  });
  expect(s3.commandCalls(GetObjectCommand)[0]?.args[0].input).toEqual({ Bucket: "data", Key: "records/a.jsonl" });
  const puts = s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);
  expect(puts.map(({ Bucket, Key, ContentType, Body }) => [Bucket, Key, ContentType, String(Body)])).toEqual([
    ["model", expect.stringMatching(/^runs\/run-1\/train\/[0-9a-f]{16}-0\.csv$/), "text/csv", "30,12.5,\n"],
    [
      "model",
      expect.stringMatching(/^runs\/run-1\/rejected\/[0-9a-f]{16}-0\.jsonl$/),
      "application/jsonl",
      '{"key":"records/a.jsonl","line":3,"problems":[{"pointer":"/outcome","message":"is missing"}]}\n',
    ],
  ]);
  expect(output.metrics()).toMatchObject([{ model: input.model, TrainingRows: 1, TrainingRowsRejected: 1 }]);
  expect(output.text()).not.toContain("player-1");
});

test("a stream that breaks fails the run instead of ending it early", async () => {
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from("{");
      throw new Error("connection reset");
    })(),
  );
  s3.on(GetObjectCommand).resolves({ Body: broken as never });
  await expect(handler(input, context)).rejects.toThrow("connection reset");
});

test("an object too large for one run is refused with the way out", async () => {
  object(Buffer.from("{}\n"));
  const late = { getRemainingTimeInMillis: () => 10_000 };
  await expect(handler(input, late)).rejects.toThrow("split it into smaller objects");
});

test.each([["before-initial-deposit-problem-gambling"], ["poker"]])(
  "model %s is not of this dataset",
  async (model) => {
    await expect(handler({ ...input, model }, context)).rejects.toThrow(`${model} is no model of gambling-behaviour`);
  },
);
