import { ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { featureHash } from "../../../../catalogue/dataset";
import type { handler as Handler } from "../../../../handlers/plan";
import { runId, selectObjects } from "../../../../handlers/plan/logic";
import { catchOutput } from "../output";
import { toy } from "../toy";

jest.mock("../../../../catalogue/datasets", () => ({ datasetNamed: () => toy }));

const s3 = mockClient(S3Client);
const output = catchOutput();
let handler: typeof Handler;

beforeAll(async () => {
  Object.assign(process.env, {
    ENVIRONMENT: "test",
    DATA_BUCKETS: '{"gambling-behaviour":"data"}',
    MODEL_BUCKETS: '{"gambling-behaviour-marketing":"model"}',
    INSTANCE_TYPES: '{"ml.m5.large":"ml.local"}',
    AWS_REGION: "eu-west-1",
  });
  ({ handler } = await import("../../../../handlers/plan"));
});
beforeEach(() => s3.reset());

const input = { model: "gambling-behaviour-marketing", execution: "run-1", startedAt: "2026-11-01T01:02:03.456+02:00" };

describe("run id", () => {
  test("is the start in UTC and six digits of execution and model", () => {
    expect(runId(input)).toMatch(/^20261031-230203-[0-9a-f]{6}$/);
  });
  test("is stable for one execution, and other for another execution or model", () => {
    expect(runId({ ...input })).toBe(runId(input));
    expect(runId({ ...input, execution: "run-2" })).not.toBe(runId(input));
    expect(runId({ ...input, model: "m" })).not.toBe(runId(input));
  });
  test("needs an instant", () => {
    expect(() => runId({ ...input, startedAt: "today" })).toThrow("startedAt is not an instant: today");
  });
});

test("selects JSON Lines objects that are not empty, and counts the others", () => {
  const object = (key: string, size: number) => ({ key, size });
  const listed = [
    object("records/", 0),
    object("records/a.jsonl", 10),
    object("records/b/c.jsonl", 5),
    object("records/empty.jsonl", 0),
    object("records/a.csv", 9),
    object("records/a.jsonl.gz", 9),
  ];
  expect(selectObjects(listed)).toEqual({
    objects: [object("records/a.jsonl", 10), object("records/b/c.jsonl", 5)],
    ignored: { empty: 2, "not .jsonl": 2 },
  });
});

test("plans over every page of the listing and writes the manifest", async () => {
  s3.on(ListObjectsV2Command, { Bucket: "data", Prefix: "records/" }).resolves({
    Contents: [{ Key: "records/a.jsonl", Size: 1_000 }],
    IsTruncated: true,
    NextContinuationToken: "next",
  });
  s3.on(ListObjectsV2Command, { ContinuationToken: "next" }).resolves({
    Contents: [
      { Key: "records/b.jsonl", Size: 234 },
      { Key: "records/notes.txt", Size: 9 },
    ],
  });
  const plan = await handler(input);
  expect(plan).toEqual({
    model: "gambling-behaviour-marketing",
    runId: runId(input),
    outcome: "train",
    reason: "1234 bytes in 2 objects; ignored 1 not .jsonl",
    dataset: "gambling-behaviour",
    featureHash: featureHash(toy),
    manifestKey: `runs/${runId(input)}/manifest.json`,
    objects: 2,
    bytes: 1234,
    compute: { instanceType: "ml.local", instanceCount: 1, volumeSizeInGB: 30, maxRuntimeInSeconds: 3600 },
  });
  const puts = s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);
  expect(puts).toMatchObject([{ Bucket: "model", Key: plan.manifestKey }]);
  expect(JSON.parse(String(puts[0]?.Body))).toEqual([
    { key: "records/a.jsonl", size: 1000 },
    { key: "records/b.jsonl", size: 234 },
  ]);
  expect(output.text()).toContain("planned");
});

test.each([
  ["nothing at all", {}, "no data under records/"],
  [
    "empty objects only",
    { Contents: [{ Key: "records/a.jsonl", Size: 0 }] },
    "no data under records/; ignored 1 empty",
  ],
])("skips with the reason, and writes nothing, when there is %s", async (_, listing, reason) => {
  s3.on(ListObjectsV2Command).resolves(listing);
  expect(await handler(input)).toMatchObject({ outcome: "skip", reason, objects: 0, bytes: 0 });
  expect(s3.commandCalls(PutObjectCommand)).toHaveLength(0);
});

test.each([
  ["poker", "catalogue/models.ts has no model poker"],
  ["gambling-behaviour-problem-gambling", "MODEL_BUCKETS has no bucket for gambling-behaviour-problem-gambling"],
])("refuses model %s", async (model, message) => {
  await expect(handler({ ...input, model })).rejects.toThrow(message);
});

test("a listing that fails is not an empty one", async () => {
  s3.on(ListObjectsV2Command).rejects(new Error("AccessDenied"));
  await expect(handler(input)).rejects.toThrow("AccessDenied");
});
