import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { type GroupCounts, groupName } from "../../../../../contracts/run-layout";
import { IDENTITY_BYTES } from "../../../../../handlers/lib/records/identities";
import type { handler as Handler } from "../../../../../handlers/retraining/count-labels";
import type { TallyInput } from "../../../../../handlers/retraining/count-labels/logic";
import { catchOutput } from "../../output";

const HARM = "gambling-behaviour-problem-gambling";
const MARKETING = "gambling-behaviour-marketing";
const s3 = mockClient(S3Client);
const output = catchOutput();
let handler: typeof Handler;

beforeAll(async () => {
  Object.assign(process.env, {
    ENVIRONMENT: "test",
    LOG_LEVEL: "INFO",
    MODEL_BUCKETS: JSON.stringify({ [HARM]: "harm", [MARKETING]: "marketing" }),
    AWS_REGION: "eu-west-1",
  });
  ({ handler } = await import("../../../../../handlers/retraining/count-labels"));
});
beforeEach(() => s3.reset());

const input: TallyInput = {
  model: HARM,
  again: false,
  toleratedRejectedShare: 0.1,
  runId: "run-1",
  labelling: {
    provider: "own",
    minimumForAutomatic: 5_000,
    maximumTasks: 500,
    votesToAgree: 2,
    mostVotes: 3,
    deadlineInSeconds: 3_600,
  },
};
const group: GroupCounts = {
  rows: { train: 7, validation: 2, test: 1 },
  positives: { train: 2, validation: 1, test: 0 },
  sources: { operator: 4, labeller: 3, "self-exclusion": 1, observation: 2 },
  unlabelled: 5,
  duplicates: 0,
  rejected: 1,
  lines: 16,
  bytes: 1_600,
  rejectedBytes: 50,
  rejections: {
    reasons: [{ reason: "/outcome is missing", lines: 1, key: "records/a.jsonl", line: 3 }],
    unusableObjects: 0,
    objects: [],
    repeated: [],
  },
  group: "records/a.jsonl",
  identities: Array(64).fill(0),
};
const IN_WORDS =
  '4800 read, 300 rejected (3.1 % of the bytes): 300 × "/outcome is missing" (first in records/a.jsonl, line 3)';

/** `pages` of `perPage` groups under `counts/`, and how many of them were read at the most at a time. */
function groups(Bucket: string, pages: number, perPage: number) {
  const busy = { now: 0, most: 0 };
  for (let page = 0; page < pages; page += 1) {
    s3.on(ListObjectsV2Command, {
      Bucket,
      Prefix: "runs/run-1/counts/",
      ...(page > 0 && { ContinuationToken: String(page) }),
    }).resolves({
      Contents: Array.from({ length: perPage }, (_, index) => ({ Key: `runs/run-1/counts/${page}-${index}.json` })),
      ...(page + 1 < pages && { IsTruncated: true, NextContinuationToken: String(page + 1) }),
    });
  }
  s3.on(GetObjectCommand, { Bucket }).callsFake(async () => {
    busy.now += 1;
    busy.most = Math.max(busy.most, busy.now);
    await new Promise(setImmediate);
    busy.now -= 1;
    return { Body: { transformToString: async () => JSON.stringify(group) } };
  });
  return busy;
}

test("adds up the groups of every page, many at a time but not all, and chooses the labelling", async () => {
  const busy = groups("harm", 3, 100);
  expect(await handler(input)).toEqual({
    rows: {
      train: 2100,
      validation: 600,
      test: 300,
      positives: { train: 600, validation: 300, test: 0 },
      unlabelled: 1500,
      duplicates: 0,
      rejected: 300,
      lines: 4800,
      bytes: 480_000,
      rejectedBytes: 15_000,
    },
    records: IN_WORDS,
    unusable: "",
    againKey: "",
    sources: { operator: 1200, labeller: 900, "self-exclusion": 300, observation: 600 },
    labelling: { mode: "people", reason: "4500 records, fewer than 5000" },
  });
  expect(s3.commandCalls(GetObjectCommand)).toHaveLength(300);
  expect(busy.most).toBe(50);
  // For the report of the evaluation.
  const [put] = s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);
  expect([put?.Bucket, put?.Key]).toEqual(["harm", "runs/run-1/records/summary.json"]);
  expect(JSON.parse(String(put?.Body))).toMatchObject({
    lines: 4800,
    rejected: 300,
    inWords: IN_WORDS,
    reasons: [{ reason: "/outcome is missing", lines: 300, key: "records/a.jsonl", line: 3 }],
  });
  expect(output.text()).toContain('"groups":300');
});

test("chooses a model where there is enough to know its precision", async () => {
  groups("harm", 2, 200);
  expect((await handler(input)).labelling).toEqual({ mode: "automatic", reason: "6000 records, at least 5000" });
});

test("a request decides; null is none", async () => {
  groups("harm", 1, 1);
  expect((await handler({ ...input, requested: "outcome" })).labelling).toEqual({
    mode: "outcome",
    reason: "asked for by the request",
  });
  expect((await handler({ ...input, requested: null })).labelling.mode).toBe("people");
});

test("goes by the model's target", async () => {
  groups("marketing", 1, 1);
  const { labelling } = await handler({ ...input, model: MARKETING, requested: "people" });
  expect(labelling).toEqual({ mode: "outcome", reason: "a stake is observed, not judged" });
});

describe("records that came more than once", () => {
  const at = (place: number) => {
    const body = Buffer.alloc(IDENTITY_BYTES);
    body.writeUInt32BE(place, IDENTITY_BYTES - 4);
    return body;
  };
  const inFirstSlice = [2, ...Array(63).fill(0)];
  const of = (key: string) => ({ ...group, group: key, identities: inFirstSlice });
  const [a, b, c] = ["records/a.jsonl", "records/b.jsonl", "records/c.jsonl"].map(
    (key) => [key, groupName(key)] as const,
  );
  const manifest = [a, b, c].map((each) => ({ keys: [each?.[0]], modified: [7], bytes: 1 }));
  const object = (Key: string, body: Buffer | string) =>
    s3.on(GetObjectCommand, { Bucket: "harm", Key }).resolves({
      Body: {
        transformToString: async () => String(body),
        transformToByteArray: async () => Buffer.from(body),
      } as never,
    });

  beforeEach(() => {
    s3.on(ListObjectsV2Command).resolves({
      Contents: [a, b].map((each) => ({ Key: `runs/run-1/counts/${each?.[1]}.json` })),
    });
    for (const each of [a, b]) {
      const [key = "", name = ""] = each ?? [];
      object(`runs/run-1/counts/${name}.json`, JSON.stringify(of(key)));
      // The same player and instant in both groups, and another in each.
      const other = at(1);
      other.write(name, 4);
      object(`rows/run-1/identities/${name}.bin`, Buffer.concat([at(0), other]));
    }
    object("runs/run-1/manifest.json", JSON.stringify(manifest));
  });
  const puts = () => s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);

  test("are left out of their groups, which are prepared again", async () => {
    expect(await handler(input)).toMatchObject({ againKey: "runs/run-1/again/manifest.json" });
    const written = new Map(puts().map(({ Key, Body }) => [Key, Body as Buffer | string]));
    expect(JSON.parse(String(written.get("runs/run-1/again/manifest.json")))).toEqual([manifest[0]]);
    expect([...written.keys()].filter((key) => key?.includes("/duplicates/"))).toEqual([
      `rows/run-1/duplicates/${a?.[1]}.bin`,
    ]);
    expect(written.get(`rows/run-1/duplicates/${a?.[1]}.bin`)).toEqual(Buffer.alloc(8));
  });

  test("have been left out when that was done once", async () => {
    expect(await handler({ ...input, again: true })).toMatchObject({ againKey: "" });
    expect(puts().map(({ Key }) => Key)).toEqual(["runs/run-1/records/summary.json"]);
  });

  test("are not looked for when nothing is trained on anyway", async () => {
    expect(await handler({ ...input, toleratedRejectedShare: 0 })).toMatchObject({ againKey: "" });
  });
});

test("a run without groups has nothing", async () => {
  groups("harm", 1, 0);
  expect((await handler(input)).rows).toMatchObject({ train: 0, validation: 0, test: 0, lines: 0 });
});

test("counts that cannot be read fail the run", async () => {
  groups("harm", 1, 3);
  s3.on(GetObjectCommand, { Key: "runs/run-1/counts/0-1.json" }).rejects(new Error("AccessDenied"));
  await expect(handler(input)).rejects.toThrow("AccessDenied");
});

test.each([
  ["poker", "catalogue/models.ts has no model poker"],
  ["before-initial-deposit-problem-gambling", "MODEL_BUCKETS has no entry for"],
])("refuses model %s", async (model, message) => {
  await expect(handler({ ...input, model })).rejects.toThrow(message);
});
