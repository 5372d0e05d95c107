import { createHash } from "node:crypto";
import fc from "fast-check";
import { type Model, models } from "../../../../../catalogue/models";
import type { Input } from "../../../../../contracts/inputs";
import type { StoredObject } from "../../../../../handlers/lib/aws/objects";
import type { AgreedLabel } from "../../../../../handlers/lib/labelling/store";
import { groupObjects, selectObjects } from "../../../../../handlers/lib/records/groups";
import { runId as nameRun } from "../../../../../handlers/lib/util/run-id";
import { createHandler } from "../../../../../handlers/retraining/plan/handler";
import { changesSince, dataOf, plan } from "../../../../../handlers/retraining/plan/logic";
import { FakeBuckets, fakeTelemetry } from "../../fakes";
import { toy } from "../../toy";

jest.mock("../../../../../catalogue/datasets", () => ({ datasetNamed: () => toy }));
jest.mock("../../../../../catalogue/training/scaling", () => ({
  layoutHash: ({ name }: Model) => `layout of ${name}`,
}));

const runId = (of: Pick<Input<"plan">, "execution" | "model" | "startedAt">) => nameRun({ ...of, of: of.model });
const buckets = new FakeBuckets();
const output = fakeTelemetry();
const CHAMPION = {
  modelVersion: "20261001-000000-abcdef",
  featureHash: "0123456789abcdef",
  artefact: "s3://model/runs/old/model.tar.gz",
};
const parameters = new Map<string, string>();
const remember = (lastRun: object, serving: object = CHAMPION) => {
  parameters.set("/last-run", JSON.stringify(lastRun)).set("/serving", JSON.stringify(serving));
};
const LAST_RUN = { runId: "20261002-000000-abcdef", startedAt: "2026-10-02T00:00:00Z" };
const MARKETING = "gambling-behaviour-marketing";
const HARM = "gambling-behaviour-problem-gambling";
/** What the last run has trained on. */
const trainedOn = (objects: readonly Pick<StoredObject, "key" | "size" | "etag">[]) =>
  buckets.store(
    `model/runs/${LAST_RUN.runId}/data.json`,
    JSON.stringify(objects.map((object) => ({ ...object, modifiedAt: "2026-10-01T00:00:00.000Z" }))),
  );

/** Which labels people have agreed on. */
let labels: (model: string) => readonly AgreedLabel[];
const named = (value: string) => new Map([MARKETING, HARM].map((model) => [model, value]));
const handler = createHandler({
  environment: {
    DATA_BUCKETS: new Map([["gambling-behaviour", "data"]]),
    MODEL_BUCKETS: new Map([
      [MARKETING, "model"],
      [HARM, "harm"],
    ]),
    REGION: "eu-west-1",
    SERVING_PARAMETERS: named("/serving"),
    LAST_RUN_PARAMETERS: named("/last-run"),
  },
  telemetry: output.telemetry,
  buckets: buckets.open,
  parameter: async (name) => parameters.get(name) ?? "",
  labels: {
    agreedLabels: async function* (model) {
      yield* labels(model);
    },
  },
});
beforeEach(() => {
  buckets.reset();
  remember({});
  labels = () => {
    throw new Error("nobody judges what a player will stake");
  };
});

const input: Input<"plan"> = {
  model: MARKETING,
  execution: "run-1",
  startedAt: "2026-11-01T01:02:03.456+02:00",
  limits: { maximumCostInUsd: 50, trainingJobs: 1 },
};
const stored = (key: string, size: number): StoredObject => ({
  key,
  size,
  modifiedAt: "2026-11-01T00:00:00.000Z",
  etag: `"${key}-${size}"`,
});

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

test("selects JSON Lines objects that are not empty, and says what else is there", () => {
  const listed = [
    stored("records/", 0),
    stored("records/a.jsonl", 10),
    stored("records/b/c.jsonl", 5),
    stored("records/b/d.jsonl.gz", 5),
    stored("records/empty.jsonl", 0),
    stored("records/a.csv", 9),
    stored("records/b.csv", 9),
    stored("records/2026-11-26/delivery-stream-1", 9),
    stored("records/a.json", 9),
    stored("records/a.jsonl.zst", 9),
    stored("records/a.parquet", 9),
    stored("records/a.orc", 9),
  ];
  expect(selectObjects(listed)).toEqual({
    objects: [stored("records/a.jsonl", 10), stored("records/b/c.jsonl", 5), stored("records/b/d.jsonl.gz", 5)],
    ignored:
      "1 empty (records/empty.jsonl), 2 .csv (records/a.csv, …), " +
      "1 without an ending (records/2026-11-26/delivery-stream-1), 1 .json (records/a.json), " +
      "1 .zst (records/a.jsonl.zst), 2 of other kinds (records/a.parquet, …)",
  });
});

test("groups hold every object once and in order, and none more than it may, but for one larger object alone", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 40 }), (sizes) => {
      const objects = sizes.map((size, index) => stored(`records/${index}.jsonl`, size));
      const groups = groupObjects(objects, { bytes: 30 });
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

test("a year of five-minute files is read a thousand at a time", () => {
  const objects = Array.from({ length: 105_120 }, (_, index) => stored(`records/2026/${index}.jsonl`, 2_000));
  const groups = groupObjects(objects);
  expect(groups.flatMap(({ keys }) => keys)).toEqual(objects.map(({ key }) => key));
  expect(groups.map(({ keys }) => keys.length)).toEqual([...Array.from({ length: 105 }, () => 1_000), 120]);
});

/** Reads what was put into a bucket, by key. */
const written = (bucket: string) =>
  Object.fromEntries(buckets.puts.filter(([name]) => name === bucket).map(([, key, body]) => [key, body]));

test("plans over everything that is listed, and writes manifest, data and labels", async () => {
  buckets.store("data/records/a.jsonl", "", { size: 1_000, modifiedAt: "2026-10-01T00:00:00.000Z", etag: '"aa"' });
  buckets.store("data/records/b.jsonl", "", { size: 234, modifiedAt: "2026-10-03T00:00:00.000Z", etag: '"bb"' });
  buckets.store("data/records/notes.txt", "", { size: 9 });
  remember(LAST_RUN);
  trainedOn([{ key: "records/a.jsonl", size: 1000, etag: '"aa"' }]);
  const data = JSON.stringify([
    { key: "records/a.jsonl", size: 1000, etag: '"aa"', modifiedAt: "2026-10-01T00:00:00.000Z" },
    { key: "records/b.jsonl", size: 234, etag: '"bb"', modifiedAt: "2026-10-03T00:00:00.000Z" },
  ]);
  const folder = `runs/${runId(input)}`;
  expect(await handler(input)).toEqual({
    model: MARKETING,
    runId: runId(input),
    decision: "train",
    reason:
      "1234 bytes in 2 objects, 1 of them new since 2026-10-02T00:00:00Z; only *.jsonl and *.jsonl.gz are read, ignored are 1 .txt (records/notes.txt)",
    dataset: "gambling-behaviour",
    featureHash: `layout of ${MARKETING}`,
    manifestKey: `${folder}/manifest.json`,
    objects: 2,
    newObjects: 1,
    labels: 0,
    newLabels: 0,
    newSince: Date.parse("2026-10-02T00:00:00Z") / 1000,
    bytes: 1234,
    data: { uri: `s3://model/${folder}/data.json`, sha256: createHash("sha256").update(data).digest("hex") },
    compute: {
      instanceType: "ml.m5.large",
      instanceCount: 1,
      volumeSizeInGB: 30,
      takesVolumeKey: true,
      maxRuntimeInSeconds: 3600,
    },
    fallbacks: [
      expect.objectContaining({ instanceType: "ml.m5.xlarge" }),
      expect.objectContaining({ instanceType: "ml.m5.2xlarge" }),
    ],
    maximumCostInUsd: 0.52,
    champion: CHAMPION,
  });
  expect(written("model")).toEqual({
    [`${folder}/manifest.json`]:
      '[{"keys":["records/a.jsonl","records/b.jsonl"],"modified":[1790812800,1790985600],"bytes":1234}]',
    [`${folder}/data.json`]: data,
    [`rows/${runId(input)}/labels.json`]: "{}",
  });
  expect(output.text()).toContain("planned");
});

test.each([
  ["nothing at all", [], "no data under records/"],
  [
    "empty objects only",
    ["records/a.jsonl"],
    "no data under records/; only *.jsonl and *.jsonl.gz are read, ignored are 1 empty (records/a.jsonl)",
  ],
])("skips with the reason, and writes nothing, when there is %s", async (_, empty, reason) => {
  for (const key of empty) buckets.store(`data/${key}`, "");
  expect(await handler(input)).toMatchObject({ decision: "skip", reason, objects: 0, bytes: 0 });
  expect(buckets.puts).toEqual([]);
});

test.each([
  ["poker", "catalogue/models.ts has no model poker"],
  ["before-initial-deposit-problem-gambling", "MODEL_BUCKETS has no entry for before-initial-deposit-problem-gambling"],
])("refuses model %s", async (model, message) => {
  await expect(handler({ ...input, model })).rejects.toThrow(message);
});

test("a listing that fails is not an empty one", async () => {
  buckets.fail(/^list /, new Error("AccessDenied"));
  await expect(handler(input)).rejects.toThrow("AccessDenied");
});

describe("data that an earlier run has seen", () => {
  const object = (key: string, etag: string, modifiedAt = "2026-10-01T00:00:00.000Z") => ({
    key,
    about: { size: 10, etag, modifiedAt },
  });
  const seen = (key: string, etag: string, size = 10) => ({ key, etag, size });
  const found = (...objects: ReturnType<typeof object>[]) => {
    for (const { key, about } of objects) buckets.store(`data/${key}`, "", about);
  };
  beforeEach(() => remember(LAST_RUN));

  test("is skipped with the reason", async () => {
    found(object("records/a.jsonl", '"1"'));
    trainedOn([seen("records/a.jsonl", '"1"')]);
    const reason = "10 bytes in 1 object, 0 of them new since 2026-10-02T00:00:00Z";
    expect(await handler(input)).toMatchObject({ decision: "skip", reason, newObjects: 0 });
    expect(buckets.puts).toEqual([]);
  });

  test("is trained on again when that is asked for", async () => {
    found(object("records/a.jsonl", '"1"'));
    trainedOn([seen("records/a.jsonl", '"1"')]);
    expect(await handler({ ...input, force: true })).toMatchObject({ decision: "train", newObjects: 0 });
  });

  // S3 says of a multipart upload when it was begun; the last run had not seen it yet.
  test("is not an object that was begun before that run, and completed after it", async () => {
    found(object("records/a.jsonl", '"1"'), object("records/b.jsonl", '"2-7"'));
    trainedOn([seen("records/a.jsonl", '"1"')]);
    expect(await handler(input)).toMatchObject({
      decision: "train",
      reason: "20 bytes in 2 objects, 1 of them new since 2026-10-02T00:00:00Z",
      newObjects: 1,
    });
  });

  test("is what it was, however late it was written again with the same content", async () => {
    found(object("records/a.jsonl", '"1"', "2026-11-20T00:00:00.000Z"));
    trainedOn([seen("records/a.jsonl", '"1"')]);
    expect(await handler(input)).toMatchObject({ decision: "skip", newObjects: 0 });
  });

  test.each([
    ["another entity tag", seen("records/a.jsonl", '"0"')],
    ["another size", seen("records/a.jsonl", '"1"', 9)],
    ["another key", seen("records/0.jsonl", '"1"')],
  ])("is not an object with %s", async (_, before) => {
    found(object("records/a.jsonl", '"1"'));
    trainedOn([before]);
    expect(await handler(input)).toMatchObject({ decision: "train", newObjects: 1 });
  });

  test("is nothing new when some of it is gone, and the reason says so", async () => {
    found(object("records/a.jsonl", '"1"'));
    trainedOn([seen("records/a.jsonl", '"1"'), seen("records/b.jsonl", '"2"'), seen("records/c.jsonl", '"3"')]);
    expect(await handler(input)).toMatchObject({
      decision: "skip",
      reason: "10 bytes in 1 object, 0 of them new since 2026-10-02T00:00:00Z, and 2 of the last run gone",
    });
  });

  test("is not known when that run's files are gone, so all is new", async () => {
    found(object("records/a.jsonl", '"1"'));
    expect(await handler(input)).toMatchObject({ decision: "train", newObjects: 1 });
  });

  test("that cannot be read fails the run", async () => {
    found(object("records/a.jsonl", '"1"'));
    buckets.fail(/^read /, new Error("AccessDenied"));
    await expect(handler(input)).rejects.toThrow("AccessDenied");
  });

  test("may be of any number of objects: they are compared as they come", async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => stored(`records/${index}.jsonl`, 10));
    async function* last() {
      for (const each of many.slice(0, 19_990)) yield each;
    }
    expect(await changesSince(many, last())).toEqual({ newObjects: 10, goneObjects: 0 });
  });
});

describe("labels of people", () => {
  const harm = { ...input, model: HARM };
  beforeEach(() => {
    buckets.store("data/records/a.jsonl", "", { size: 10, etag: '"1"', modifiedAt: "2026-10-01T00:00:00.000Z" });
    const data = [{ key: "records/a.jsonl", size: 10, etag: '"1"', modifiedAt: "2026-10-01T00:00:00.000Z" }];
    buckets.store(`harm/runs/${LAST_RUN.runId}/data.json`, JSON.stringify(data));
    const agreed: readonly AgreedLabel[] = [
      { task: "t1", label: 1, chosen: "lot", agreedAt: "2026-10-01T12:00:00Z" },
      { task: "t2", label: 0, chosen: "uncertainty", agreedAt: "2026-10-02T12:00:00Z" },
    ];
    labels = (model) => (model === HARM ? agreed : []);
  });

  test("are written for preparation, and new ones are a reason to train", async () => {
    remember(LAST_RUN);
    expect(await handler(harm)).toMatchObject({
      decision: "train",
      reason: "10 bytes in 1 object, 0 of them new since 2026-10-02T00:00:00Z, and 1 new labels of people",
      newObjects: 0,
      labels: 2,
      newLabels: 1,
    });
    expect(written("harm")[`rows/${runId(harm)}/labels.json`]).toBe(
      '{"t1":{"label":1,"chosen":"lot"},"t2":{"label":0,"chosen":"uncertainty"}}',
    );
  });

  test("that an earlier run has seen are none", async () => {
    remember({ ...LAST_RUN, startedAt: "2026-10-03T00:00:00Z" });
    expect(await handler(harm)).toMatchObject({ decision: "skip", labels: 2, newLabels: 0 });
    expect(written("harm")).toEqual({});
  });

  test("without records are no reason to train", async () => {
    buckets.reset();
    expect(await handler(harm)).toMatchObject({ decision: "skip", reason: "no data under records/", newLabels: 2 });
  });

  test("that cannot be read fail the run", async () => {
    labels = () => {
      throw new Error("AccessDenied");
    };
    await expect(handler(harm)).rejects.toThrow("AccessDenied");
  });
});

test("the data are identified by every object's key, size and content", () => {
  const object = stored("records/a.jsonl", 10);
  const hash = (objects: readonly StoredObject[]) =>
    plan(
      input,
      models[0] as Model,
      "hash",
      { objects: [...objects], ignored: "", newObjects: 1, goneObjects: 0 },
      [],
      { champion: CHAMPION },
      { bucket: "model", region: "eu-west-1" },
    ).data.sha256;
  expect(hash([object])).toBe(
    createHash("sha256")
      .update(dataOf([object]))
      .digest("hex"),
  );
  const changed = [
    [{ ...object, etag: "other" }],
    [{ ...object, size: 11 }],
    [{ ...object, key: "records/b.jsonl" }],
    [object, stored("records/b.jsonl", 1)],
    [],
  ].map(hash);
  expect(new Set([hash([object]), ...changed]).size).toBe(changed.length + 1);
});

test("packed objects are planned for by their unpacked size", async () => {
  const planned = async (key: string, size: number) => {
    buckets.reset();
    buckets.store(`data/${key}`, "", { size });
    const limits = { ...input.limits, maximumCostInUsd: 1e6 };
    const { compute, maximumCostInUsd } = await handler({ ...input, limits });
    return { compute, maximumCostInUsd };
  };
  expect(await planned("records/a.jsonl.gz", 1e11)).toEqual(await planned("records/a.jsonl", 8e11));
});

test.each([
  ["one training", 1, 148.08],
  ["a tuning of 2 and the model that labels", 3, 444.24],
])("a run that could cost more than the cap with %s is refused with both numbers", async (_, trainingJobs, cost) => {
  buckets.store("data/records/a.jsonl", "", { size: 3e11 });
  const limits = { maximumCostInUsd: cost, trainingJobs };
  expect(await handler({ ...input, limits })).toMatchObject({ decision: "train", maximumCostInUsd: cost });
  await expect(handler({ ...input, limits: { ...limits, maximumCostInUsd: 50 } })).rejects.toThrow(
    `training on 300000000000 bytes may cost up to ${cost} dollars, more than the cap of 50`,
  );
});

test.each([
  [{}, "the serving record is not {modelVersion, featureHash, artefact, …}"],
  [{ modelVersion: "initial" }, "the serving record is not {modelVersion, featureHash, artefact, …}"],
])("a serving record %j is refused", async (serving, message) => {
  remember({}, serving);
  await expect(handler(input)).rejects.toThrow(message);
});

test.each([
  [{ ...input, limits: { maximumCostInUsd: 50 } }, "input limits.trainingJobs is missing; it must be a whole number"],
  [{ ...input, force: "yes" }, "input force must be true or false (found a string)"],
  [null, "input must be an object (found null)"],
])("an input %j is refused", async (wrong, message) => {
  await expect(handler(wrong)).rejects.toThrow(message);
});

test("data of an earlier run that are none fail the run, and say which field", async () => {
  remember(LAST_RUN);
  buckets.store(`model/runs/${LAST_RUN.runId}/data.json`, '[{"key":"records/a.jsonl","size":"big","etag":"1"}]');
  await expect(handler(input)).rejects.toThrow("an entry of the list size must be a whole number of at least 0");
});
