import { ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import fc from "fast-check";
import { featureHash } from "../../../../catalogue/dataset";
import type { handler as Handler } from "../../../../handlers/plan";
import { groupObjects, runId, selectObjects } from "../../../../handlers/plan/logic";
import { catchOutput } from "../output";
import { toy } from "../toy";

jest.mock("../../../../catalogue/datasets", () => ({ datasetNamed: () => toy }));

const s3 = mockClient(S3Client);
const ssm = mockClient(SSMClient);
const CHAMPION = { modelVersion: "20261001-000000-abcdef", artefact: "s3://model/runs/old/model.tar.gz" };
const remember = (lastRun: object, serving: object = CHAMPION) => {
  for (const [Name, value] of [
    ["/last-run", lastRun],
    ["/serving", serving],
  ] as const) {
    ssm.on(GetParameterCommand, { Name }).resolves({ Parameter: { Value: JSON.stringify(value) } });
  }
};
const output = catchOutput();
let handler: typeof Handler;

beforeAll(async () => {
  Object.assign(process.env, {
    ENVIRONMENT: "test",
    DATA_BUCKETS: '{"gambling-behaviour":"data"}',
    MODEL_BUCKETS: '{"gambling-behaviour-marketing":"model"}',
    STATE_PARAMETERS: '{"gambling-behaviour-marketing":{"serving":"/serving","lastRun":"/last-run"}}',
    MAXIMUM_COSTS_IN_USD: '{"gambling-behaviour-marketing":50}',
    INSTANCE_TYPES: '{"ml.m5.large":"ml.local"}',
    AWS_REGION: "eu-west-1",
  });
  ({ handler } = await import("../../../../handlers/plan"));
});
beforeEach(() => {
  s3.reset();
  ssm.reset();
  remember({});
});

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
  const object = (key: string, size: number) => ({ key, size, modifiedAt: "2026-11-01T00:00:00.000Z" });
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

test("groups hold every object once and in order, and none more than it may, but for one larger object alone", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 40 }), (sizes) => {
      const objects = sizes.map((size, index) => ({ key: `records/${index}.jsonl`, size, modifiedAt: "" }));
      const groups = groupObjects(objects, 30);
      expect(groups.flatMap(({ keys }) => keys)).toEqual(objects.map(({ key }) => key));
      for (const { keys, bytes } of groups) expect(bytes <= 30 || keys.length === 1).toBe(true);
      // No two neighbours would fit into one.
      groups.slice(1).forEach(({ bytes, keys }, index) => {
        const first = objects.find(({ key }) => key === keys[0])?.size ?? 0;
        expect((groups[index]?.bytes ?? 0) + first).toBeGreaterThan(30);
        expect(bytes).toBeGreaterThan(0);
      });
    }),
  );
});

test("plans over every page of the listing and writes the manifest", async () => {
  s3.on(ListObjectsV2Command, { Bucket: "data", Prefix: "records/" }).resolves({
    Contents: [{ Key: "records/a.jsonl", Size: 1_000, LastModified: new Date("2026-10-01T00:00:00Z") }],
    IsTruncated: true,
    NextContinuationToken: "next",
  });
  s3.on(ListObjectsV2Command, { ContinuationToken: "next" }).resolves({
    Contents: [
      { Key: "records/b.jsonl", Size: 234, LastModified: new Date("2026-10-03T00:00:00Z") },
      { Key: "records/notes.txt", Size: 9 },
    ],
  });
  remember({ startedAt: "2026-10-02T00:00:00Z" });
  const plan = await handler(input);
  expect(plan).toEqual({
    model: "gambling-behaviour-marketing",
    runId: runId(input),
    outcome: "train",
    reason: "1234 bytes in 2 objects, 1 of them new since 2026-10-02T00:00:00Z; ignored 1 not .jsonl",
    dataset: "gambling-behaviour",
    featureHash: featureHash(toy),
    manifestKey: `runs/${runId(input)}/manifest.json`,
    objects: 2,
    newObjects: 1,
    bytes: 1234,
    compute: { instanceType: "ml.local", instanceCount: 1, volumeSizeInGB: 30, maxRuntimeInSeconds: 3600 },
    fallbacks: [
      expect.objectContaining({ instanceType: "ml.m5.xlarge" }),
      expect.objectContaining({ instanceType: "ml.m5.2xlarge" }),
    ],
    maximumCostInUsd: 0.47,
    champion: CHAMPION,
  });
  const puts = s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);
  expect(puts).toMatchObject([{ Bucket: "model", Key: plan.manifestKey }]);
  expect(JSON.parse(String(puts[0]?.Body))).toEqual([{ keys: ["records/a.jsonl", "records/b.jsonl"], bytes: 1234 }]);
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

describe("data that an earlier run has seen", () => {
  const old = { Contents: [{ Key: "records/a.jsonl", Size: 10, LastModified: new Date("2026-10-01T00:00:00Z") }] };
  beforeEach(() => {
    s3.on(ListObjectsV2Command).resolves(old);
    remember({ startedAt: "2026-10-02T00:00:00Z" });
  });

  test("is skipped with the reason", async () => {
    const reason = "10 bytes in 1 object, 0 of them new since 2026-10-02T00:00:00Z";
    expect(await handler(input)).toMatchObject({ outcome: "skip", reason, newObjects: 0 });
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(0);
  });

  test("is trained on again when that is asked for", async () => {
    expect(await handler({ ...input, force: true })).toMatchObject({ outcome: "train", newObjects: 0 });
  });
});

test("a run that could cost more than the cap is refused with both numbers", async () => {
  s3.on(ListObjectsV2Command).resolves({
    Contents: [{ Key: "records/a.jsonl", Size: 3e11, LastModified: new Date() }],
  });
  await expect(handler(input)).rejects.toThrow(
    "training on 300000000000 bytes may cost up to 132.72 dollars, more than the cap of 50",
  );
});

test.each([
  [{}, "the serving record is not {modelVersion, artefact, …}"],
  [{ modelVersion: "initial" }, "the serving record is not {modelVersion, artefact, …}"],
])("a serving record %j is refused", async (serving, message) => {
  s3.on(ListObjectsV2Command).resolves({});
  remember({}, serving);
  await expect(handler(input)).rejects.toThrow(message);
});
