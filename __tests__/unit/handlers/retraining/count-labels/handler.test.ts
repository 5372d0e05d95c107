import { type GroupCounts, groupName } from "../../../../../contracts/run-layout";
import { IDENTITY_BYTES } from "../../../../../handlers/lib/records/identities";
import { createHandler } from "../../../../../handlers/retraining/count-labels/handler";
import { FakeBuckets, fakeTelemetry, named } from "../../fakes";

const HARM = "gambling-behaviour-problem-gambling";
const MARKETING = "gambling-behaviour-marketing";
const buckets = new FakeBuckets();
const output = fakeTelemetry();
const handler = createHandler({
  environment: {
    MODEL_BUCKETS: new Map([
      [HARM, "harm"],
      [MARKETING, "marketing"],
    ]),
  },
  telemetry: output.telemetry,
  buckets: buckets.open,
});
beforeEach(() => buckets.reset());

/** Marks of two players, and of some 1,200. */
const MARKS = Buffer.from([3]).toString("base64");
const MANY = Buffer.alloc(512, 3).toString("base64");

const input = {
  model: HARM,
  requested: null,
  again: false,
  toleratedRejectedShare: 0.1,
  oneSided: "fail",
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
  operators: [
    {
      operator: "operator-1",
      labelled: 10,
      positives: 3,
      unlabelled: 5,
      observed: 3,
      observedPositives: 1,
      players: MARKS,
    },
  ],
  newlyLabelled: 1,
  outOfTime: 1,
  unlabelled: 5,
  unused: 2,
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
    lacking: { records: 0, of: {} },
  },
  group: "records/a.jsonl",
  identities: Array(64).fill(0),
};
const IN_WORDS =
  '4800 read, 300 rejected (3.1 % of the bytes): 300 × "/outcome is missing" (first in records/a.jsonl, line 3)';

/** So many groups under `counts/`, and how many of them were read at the most at a time. */
function groups(bucket: string, count: number) {
  const busy = { now: 0, most: 0 };
  for (let index = 0; index < count; index += 1) {
    buckets.store(`${bucket}/runs/run-1/counts/${index}.json`, JSON.stringify(group));
  }
  buckets.whileReading = async () => {
    busy.now += 1;
    busy.most = Math.max(busy.most, busy.now);
    await new Promise(setImmediate);
    busy.now -= 1;
  };
  return busy;
}

test("adds up all groups, many at a time but not all, and chooses the labelling", async () => {
  const busy = groups("harm", 300);
  expect(await handler(input)).toEqual({
    rows: {
      train: 2100,
      validation: 600,
      test: 300,
      positives: { train: 600, validation: 300, test: 0 },
      newlyLabelled: 300,
      outOfTime: 300,
      unlabelled: 1500,
      unused: 600,
      duplicates: 0,
      rejected: 300,
      lines: 4800,
      bytes: 480_000,
      rejectedBytes: 15_000,
    },
    records: IN_WORDS,
    unusable: "",
    oneSided: "",
    againKey: "",
    sources: { operator: 1200, labeller: 900, "self-exclusion": 300, observation: 600 },
    labelling: { mode: "people", reason: "4800 records, fewer than 5000" },
  });
  expect(buckets.reads).toHaveLength(300);
  expect(busy.most).toBe(50);
  // For the report of the evaluation.
  const [bucket, key, body] = buckets.puts[0] ?? [];
  expect([bucket, key]).toEqual(["harm", "runs/run-1/records/summary.json"]);
  expect(JSON.parse(body ?? "")).toMatchObject({
    lines: 4800,
    rejected: 300,
    inWords: IN_WORDS,
    operators: [
      {
        operator: "operator-1",
        labelled: 3000,
        positives: 900,
        unlabelled: 1500,
        observed: 900,
        observedPositives: 300,
        players: 2,
      },
    ],
    reasons: [{ reason: "/outcome is missing", lines: 300, key: "records/a.jsonl", line: 3 }],
  });
  expect(output.text()).toContain('"groups":300');
});

test("chooses a model where there is enough to know its precision", async () => {
  groups("harm", 400);
  expect((await handler(input)).labelling).toEqual({ mode: "automatic", reason: "6400 records, at least 5000" });
});

describe("an operator whose observed labels are all the same", () => {
  const none = {
    ...{
      operator: "operator-2",
      labelled: 400,
      positives: 0,
      unlabelled: 0,
      observed: 400,
      observedPositives: 0,
      players: MANY,
    },
  };
  const of = (model: string, settings: object = {}) => {
    buckets.store(
      `${model === HARM ? "harm" : "marketing"}/runs/run-1/counts/0.json`,
      JSON.stringify({ ...group, operators: [{ ...none, operator: "operator-1", observedPositives: 40 }, none] }),
    );
    return handler({ ...input, model, ...settings });
  };

  test("fails the run, which says whose they are and what to send", async () => {
    const { oneSided, againKey } = await of(HARM);
    expect(oneSided).toMatch(/^exclusions among .*: 0 of 400 of operator-2, .* Send selfExcludedAt .* observedUntil/);
    expect(againKey).toBe("");
  });

  test("is only reported where that is configured, and where labels are amounts", async () => {
    expect((await of(HARM, { oneSided: "report" })).oneSided).toBe("");
    expect((await of("gambling-behaviour-marketing")).oneSided).toBe("");
  });
});

test("a request decides; null is none", async () => {
  groups("harm", 1);
  expect((await handler({ ...input, requested: "outcome" })).labelling).toEqual({
    mode: "outcome",
    reason: "asked for by the request",
  });
  expect((await handler({ ...input, requested: null })).labelling.mode).toBe("people");
});

test("goes by the model's target", async () => {
  groups("marketing", 1);
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
  const object = (key: string, body: Buffer | string) => buckets.store(`harm/${key}`, body);

  beforeEach(() => {
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
  const puts = () => buckets.puts;

  test("are left out of their groups, which are prepared again", async () => {
    expect(await handler(input)).toMatchObject({ againKey: "runs/run-1/again/manifest.json" });
    const written = new Map(puts().map(([, key, body]) => [key, body]));
    expect(JSON.parse(written.get("runs/run-1/again/manifest.json") ?? "")).toEqual([manifest[0]]);
    const entry = Buffer.concat([Buffer.alloc(8), Buffer.alloc(4, 0xff)]);
    const revisions = [...written].filter(([key]) => key.includes("/revisions/"));
    expect(revisions).toEqual([[`rows/run-1/revisions/${a?.[1]}-0.bin`, String(entry)]]);
    expect(written.get("rows/run-1/out-of-time/cut.json")).toBe('{"from":null,"why":"no record has a label"}');
  });

  test("have been left out when that was done once", async () => {
    expect(await handler({ ...input, again: true })).toMatchObject({ againKey: "" });
    expect(puts().map(([, key]) => key)).toEqual(["runs/run-1/records/summary.json"]);
  });

  test("are not looked for when nothing is trained on anyway", async () => {
    expect(await handler({ ...input, toleratedRejectedShare: 0 })).toMatchObject({ againKey: "" });
  });
});

test("a run without groups has nothing", async () => {
  groups("harm", 0);
  expect((await handler(input)).rows).toMatchObject({ train: 0, validation: 0, test: 0, lines: 0 });
});

test("counts that cannot be read fail the run", async () => {
  groups("harm", 3);
  buckets.fail(/counts\/1\.json$/, named("AccessDenied"));
  await expect(handler(input)).rejects.toThrow("AccessDenied");
});

test.each([
  ["poker", "catalogue/models.ts has no model poker"],
  ["before-initial-deposit-problem-gambling", "MODEL_BUCKETS has no entry for"],
])("refuses model %s", async (model, message) => {
  await expect(handler({ ...input, model })).rejects.toThrow(message);
});

test.each([
  [{ ...input, requested: "robots" }, "input requested must be one of outcome, people, automatic, ground-truth"],
  [{ ...input, toleratedRejectedShare: 2 }, "input toleratedRejectedShare must be a number from 0 to 1"],
  [{ ...input, labelling: { ...input.labelling, provider: 1 } }, "input labelling.provider must be one of none, own"],
])("an input %j is refused", async (wrong, message) => {
  await expect(handler(wrong)).rejects.toThrow(message);
});

test("counts that are none fail the run, and say which file and field", async () => {
  buckets.store("harm/runs/run-1/counts/0.json", JSON.stringify({ ...group, rows: { ...group.rows, train: -1 } }));
  await expect(handler(input)).rejects.toThrow(
    "runs/run-1/counts/0.json rows.train must be a whole number of at least 0 (found a number)",
  );
});
