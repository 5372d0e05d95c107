import { createHash } from "node:crypto";
import fc from "fast-check";
import type { RecordIdentity } from "../../../../../catalogue/datasets/kit/dataset";
import { ONE_CURRENCY } from "../../../../../catalogue/datasets/kit/money";
import type { Outcome } from "../../../../../catalogue/datasets/kit/outcome";
import { type GroupCounts, groupName } from "../../../../../contracts/run-layout";
import { checkOf } from "../../../../../handlers/lib/records/identities";
import { recordReader } from "../../../../../handlers/lib/records/records";
import { mergeRejections } from "../../../../../handlers/lib/records/rejections";
import { total } from "../../../../../handlers/retraining/count-labels/logic";
import { revise } from "../../../../../handlers/retraining/count-labels/revision";
import type { GroupOptions } from "../../../../../handlers/retraining/prepare/group";
import { createLineReader, splitOf } from "../../../../../handlers/retraining/prepare/line";
import { prepare } from "../../../../../handlers/retraining/prepare/logic";
import { modelReader } from "../../../../../handlers/retraining/prepare/model-reader";
import { toy, toyRecord } from "../../toy";

const labelOf = ({ outcome }: { outcome: Outcome }) => outcome.label ?? null;
const taskOf = ({ operatorId, playerId, asOf }: RecordIdentity) => `task of ${operatorId} ${playerId} ${asOf}`;
const reader = modelReader({ needs: { groups: [] } }, recordReader(toy, ONE_CURRENCY));
const readLine = createLineReader(reader, labelOf, taskOf);
const unlabelled = (fields: Readonly<Record<string, unknown>> = {}) => ({ ...toyRecord(fields), outcome: {} });
const labelled = (value: number, fields: Readonly<Record<string, unknown>> = {}) => ({
  ...toyRecord(fields),
  outcome: { label: { value, source: "operator", at: "2026-11-01T00:00:00Z" } },
});

interface Options {
  readonly partBytes?: number;
  readonly maxLineBytes?: number;
  readonly keepUnlabelled?: boolean;
  readonly newSince?: number;
  readonly revision?: NonNullable<GroupOptions["revision"]>;
}

async function run(lines: readonly string[], options: Options = {}, read = readLine) {
  const files = new Map<string, string>();
  async function* body() {
    yield Buffer.from(lines.join("\n"));
  }
  const upload = async (key: string, part: Buffer) => {
    expect(files.has(key)).toBe(false);
    files.set(key, part.toString());
  };
  const input = { runId: "run-1", keys: ["records/a.jsonl"] as const, modified: [7] };
  return { prepared: await prepare(input, async () => body(), read, upload, options), files };
}

/** Lists the uploads, but for those that `count-labels` reads. */
const withoutCounts = (files: ReadonlyMap<string, string>) =>
  new Map([...files].filter(([key]) => !/\/(counts|identities)\//.test(key)));

const withoutIdentities = (files: ReadonlyMap<string, string>) =>
  new Map([...files].filter(([key]) => !key.includes("/identities/")));

/** No subgroup is known, and the player by a hash alone. */
const CONTEXT = expect.stringMatching(/^,,,[0-9a-f]{16}$/);

describe("a line", () => {
  test("becomes its label and features", () => {
    expect(readLine(JSON.stringify(labelled(1, { visits: 3 })))).toEqual({
      kind: "row",
      use: "labelled",
      split: splitOf("operator-1", "player-1"),
      label: { value: 1, source: "operator" },
      lesson: { answer: 1, weight: 1 },
      row: "12.5,3",
      context: CONTEXT,
      identity: expect.any(Buffer),
      operatorId: "operator-1",
    });
    expect(readLine(JSON.stringify(labelled(0)))).toMatchObject({ label: { value: 0 }, row: "12.5,nan" });
  });

  test.each([
    ["asOf", { ...labelled(1), asOf: "2099-12-12T00:00:00Z" }, "/asOf"],
    [
      "an exclusion",
      { ...unlabelled(), outcome: { selfExcludedAt: "2099-12-12T00:00:00Z" } },
      "/outcome/selfExcludedAt",
    ],
    [
      "an observation",
      { ...unlabelled(), outcome: { observedUntil: "9999-12-31T00:00:00Z" } },
      "/outcome/observedUntil",
    ],
    ["a first bet", { ...unlabelled(), outcome: { firstBetAt: "0001-01-01T00:00:00Z" } }, "/outcome/firstBetAt"],
  ])("with %s at a time that cannot be is no record", (_, record, pointer) => {
    expect(readLine(JSON.stringify(record))).toMatchObject({ problems: [{ pointer }] });
  });

  const task = "task of operator-1 player-1 2026-11-01T00:00:00Z";

  test("without a label is a row for those who may label it", () => {
    expect(readLine(JSON.stringify(unlabelled({ visits: 3 })))).toEqual({
      kind: "unlabelled",
      use: "unlabelled",
      unlabelled: {
        task,
        playerId: "player-1",
        operatorId: "operator-1",
        asOf: "2026-11-01T00:00:00Z",
        split: splitOf("operator-1", "player-1"),
        context: CONTEXT,
        row: "12.5,3",
      },
      identity: expect.any(Buffer),
      operatorId: "operator-1",
    });
  });

  test.each([0, 1])("has the label %d that people agreed on, unless its outcome knows better", (value) => {
    const read = createLineReader(reader, labelOf, taskOf, new Map([[task, { label: value, chosen: "lot" as const }]]));
    expect(read(JSON.stringify(unlabelled()))).toEqual({
      kind: "row",
      use: "labelled",
      split: splitOf("operator-1", "player-1"),
      label: { value, source: "labeller" },
      lesson: { answer: value, weight: 1 },
      row: "12.5,nan",
      context: CONTEXT,
      identity: expect.any(Buffer),
      operatorId: "operator-1",
    });
    expect(read(JSON.stringify(labelled(1 - value)))).toMatchObject({
      label: { value: 1 - value, source: "operator" },
      row: "12.5,nan",
    });
    expect(read(JSON.stringify(unlabelled({ playerId: "player-2" })))).toHaveProperty("unlabelled");
  });

  test.each([
    ["player-1", "train", { kind: "row", use: "to-train-on", label: { value: 1, source: "labeller" } }],
    ["player-2", "validation", { kind: "unused", use: "none" }],
    ["player-5", "test", { kind: "unused", use: "none" }],
  ])(
    "with a label that was asked for because a model was unsure is only to train on: %s, of %s",
    (playerId, of, line) => {
      const record = unlabelled({ playerId });
      const agreed = new Map([[taskOf(toyRecord({ playerId })), { label: 1, chosen: "uncertainty" as const }]]);
      const read = createLineReader(reader, labelOf, taskOf, agreed);
      expect(splitOf("operator-1", playerId)).toBe(of);
      expect(read(JSON.stringify(record))).toMatchObject(line);
      // An outcome label is what happened, whoever was asked.
      expect(read(JSON.stringify(labelled(0, { playerId })))).toMatchObject({
        kind: "row",
        use: "labelled",
        split: of,
      });
    },
  );

  test.each([
    ["no JSON", "{player-1", [{ pointer: "", message: "is not a JSON object" }]],
    ["a list", "[]", [{ pointer: "", message: "is not a JSON object" }]],
    ["null", "null", [{ pointer: "", message: "is not a JSON object" }]],
    ["no outcome", JSON.stringify(toyRecord()), [{ pointer: "/outcome", message: "is missing" }]],
    [
      "a wrong outcome",
      JSON.stringify({ ...toyRecord(), outcome: { stake: -1 } }),
      [{ pointer: "/outcome/stake", message: "must be >= 0" }],
    ],
    [
      "a stake that no float32 holds",
      JSON.stringify({ ...toyRecord(), outcome: { stake: 1e39 } }),
      [{ pointer: "/outcome/stake", message: "must be <= 1000000000" }],
    ],
    [
      "a wrong record and a wrong outcome",
      JSON.stringify({ ...toyRecord({ stake: "x" }), outcome: 1 }),
      [
        { pointer: "/stake", message: "must be number" },
        { pointer: "/outcome", message: "must be object" },
      ],
    ],
    [
      "a broken rule",
      JSON.stringify(labelled(1, { stake: -1 })),
      [{ pointer: "/stake", message: "must not be negative" }],
    ],
    ["a dataset's bug", JSON.stringify(labelled(1, { stake: 666 })), [{ pointer: "", message: "cannot be processed" }]],
  ])("with %s is rejected", (_, text, problems) => {
    expect(readLine(text)).toEqual({ kind: "rejected", problems });
  });
});

describe("split", () => {
  test.each([
    ["operator-1", "player-1", "train"],
    ["operator-1", "player-2", "validation"],
    ["operator-1", "player-5", "test"],
    ["operator-2", "player-9", "validation"],
  ])("%s %s stays in %s for ever", (operatorId, playerId, split) => {
    expect(splitOf(operatorId, playerId)).toBe(split);
  });

  test("has about the shares 70, 15 and 15 %", () => {
    const counts = { train: 0, validation: 0, test: 0 };
    for (let player = 0; player < 20_000; player += 1) counts[splitOf("operator", `player-${player}`)] += 1;
    expect(counts.train / 20_000).toBeCloseTo(0.7, 2);
    expect(counts.validation / 20_000).toBeCloseTo(0.15, 2);
    expect(counts.test / 20_000).toBeCloseTo(0.15, 2);
  });
});

test("writes each split's rows, the rejects and nothing else", async () => {
  const players = Array.from({ length: 200 }, (_, index) => `player-${index}`);
  const lines = players.map((playerId, index) => JSON.stringify(labelled(index % 2, { playerId, stake: index })));
  const { prepared, files } = await run([...lines, "", "x".repeat(2_000), JSON.stringify(unlabelled())], {
    maxLineBytes: 1_000,
  });
  const rowsOf = (split: string) =>
    players.flatMap((playerId, index) =>
      splitOf("operator-1", playerId) === split ? [`${index % 2},1,${index},nan\n`] : [],
    );
  const name = "8d1b1a37d1c4c0b4";
  const expected = ["train", "validation", "test"].map((split) => [split, rowsOf(split)] as const);
  expect(
    new Map(
      [...withoutIdentities(files)].map(([key, text]) => [
        key.replace(/[0-9a-f]{16}/, name),
        text.replace(/,,,[0-9a-f]{16}/g, ",,,#"),
      ]),
    ),
  ).toEqual(
    new Map([
      ...expected.map(([split, rows]): [string, string] => [`rows/run-1/${split}/${name}-0.csv`, rows.join("")]),
      [
        `rows/run-1/context/${name}-0.csv`,
        `ageBand,gender,country,player\n${rowsOf("test")
          .map(() => ",,,#\n")
          .join("")}`,
      ],
      [
        `rows/run-1/rejected/${name}-0.jsonl`,
        '{"key":"records/a.jsonl","line":202,"record":201,"problems":[{"pointer":"","message":"is longer than 1000 bytes"}]}\n',
      ],
      [
        `rows/run-1/unlabelled/${name}-0.jsonl`,
        `${JSON.stringify({
          task: taskOf(toyRecord()),
          playerId: "player-1",
          operatorId: "operator-1",
          asOf: "2026-11-01T00:00:00Z",
          split: "train",
          context: ",,,#",
          row: "12.5,nan",
          weight: 1,
        })}\n`,
      ],
      [`runs/run-1/counts/${name}.json`, JSON.stringify(prepared)],
    ]),
  );
  const count = (rows: readonly string[]) => rows.length;
  const positives = (rows: readonly string[]) => rows.filter((row) => row.startsWith("1,")).length;
  const bySplit = (of: (rows: readonly string[]) => number) =>
    Object.fromEntries(expected.map(([split, rows]) => [split, of(rows)]));
  expect(prepared).toEqual({
    rows: bySplit(count),
    positives: bySplit(positives),
    sources: { operator: 200, labeller: 0, "self-exclusion": 0, observation: 0 },
    operators: [
      {
        operator: "operator-1",
        labelled: 200,
        positives: lines.filter((line) => line.includes('"value":1')).length,
        unlabelled: 1,
        observed: 0,
        observedPositives: 0,
        players: expect.any(String),
      },
    ],
    newlyLabelled: 200,
    outOfTime: 0,
    unlabelled: 1,
    unused: 0,
    duplicates: 0,
    rejected: 1,
    lines: 202,
    bytes: Buffer.byteLength(lines.join("")) + 2_000 + Buffer.byteLength(JSON.stringify(unlabelled())),
    rejectedBytes: 2_000,
    rejections: {
      reasons: [{ reason: "is longer than 1000 bytes", lines: 1, key: "records/a.jsonl", line: 202 }],
      unusableObjects: 0,
      objects: [],
      repeated: [],
      lacking: { records: 0, of: {} },
    },
    group: "records/a.jsonl",
    identities: expect.any(Array),
  });
});

test("counts each row by where its label comes from", async () => {
  const agreed = new Map([[taskOf(toyRecord({ playerId: "player-2" })), { label: 1, chosen: "lot" as const }]]);
  const lines = [labelled(1), labelled(0), unlabelled({ playerId: "player-2" }), unlabelled({ playerId: "player-3" })];
  const { prepared } = await run(
    lines.map((line) => JSON.stringify(line)),
    {},
    createLineReader(reader, labelOf, taskOf, agreed),
  );
  expect(prepared).toMatchObject({
    positives: { train: 1, validation: 1, test: 0 },
    sources: { operator: 2, labeller: 1 },
    unlabelled: 1,
  });
});

test("what people were asked about for its uncertainty is in no test, and trains only what is not tested with", async () => {
  const players = ["player-1", "player-2", "player-5", "player-9"];
  const agreed = new Map(
    players.map((playerId) => [taskOf(toyRecord({ playerId })), { label: 1, chosen: "uncertainty" as const }]),
  );
  const read = createLineReader(reader, labelOf, taskOf, agreed);
  const lines = players.map((playerId) => JSON.stringify(unlabelled({ playerId })));
  const first = await run(lines, {}, read);
  const trained = players.filter((playerId) => splitOf("operator-1", playerId) === "train").length;
  expect(first.prepared).toMatchObject({
    rows: { train: trained, validation: 0, test: 0 },
    unlabelled: 0,
    unused: 4 - trained,
  });
  // Of a time that is tested with nothing of them is used.
  const later = await run(lines, { revision: { files: [], from: 0 } }, read);
  expect(later.prepared).toMatchObject({ rows: { train: 0 }, outOfTime: 0, unlabelled: 0, unused: 4, lines: 4 });
});

test("a record that lacks what the model needs is not learnt from, tested with or labelled", async () => {
  // A toy's record without a stake tells nothing.
  const lacking = { playerId: "player-2", stake: 0 };
  const agreed = new Map([[taskOf(toyRecord(lacking)), { label: 1, chosen: "lot" as const }]]);
  const needy = createLineReader(
    modelReader({ needs: { groups: ["bets", "limits"] } }, recordReader(toy, ONE_CURRENCY)),
    labelOf,
    taskOf,
    agreed,
  );
  const lines = [
    labelled(1),
    labelled(1, lacking),
    unlabelled(lacking),
    unlabelled({ ...lacking, playerId: "player-3" }),
  ];
  const { prepared, files } = await run(
    lines.map((line) => JSON.stringify(line)),
    {},
    needy,
  );
  expect(prepared).toMatchObject({
    rows: { train: 1, validation: 0, test: 0 },
    positives: { train: 1, validation: 0, test: 0 },
    newlyLabelled: 1,
    unlabelled: 0,
    unused: 3,
    rejected: 0,
    lines: 4,
    rejections: { lacking: { records: 3, of: { bets: 3, limits: 3 } } },
  });
  expect(prepared.operators).toMatchObject([{ labelled: 1, unlabelled: 0 }]);
  expect([...withoutCounts(files).keys()].map((key) => key.split("/")[2])).toEqual(["train"]);
  const clean = { reasons: [], unusableObjects: 0, objects: [], repeated: [] };
  const merged = mergeRejections([
    (prepared as GroupCounts).rejections,
    { ...clean, lacking: { records: 2, of: { limits: 2 } } },
  ]);
  expect([merged.lacking.records, ...Object.entries(merged.lacking.of)]).toEqual([5, ["limits", 5], ["bets", 3]]);
});

test("counts rows that nobody can label, and does not keep them", async () => {
  const { prepared, files } = await run([JSON.stringify(unlabelled())], { keepUnlabelled: false });
  expect(prepared).toMatchObject({ unlabelled: 1, rejected: 0, lines: 1 });
  expect(withoutCounts(files)).toEqual(new Map());
});

test("the counts of a group lie under the name of its parts, so that a repeated group overwrites its own", async () => {
  const { files, prepared } = await run([JSON.stringify(labelled(1))]);
  const group = createHash("sha256").update("records/a.jsonl").digest("hex").slice(0, 16);
  expect(JSON.parse(files.get(`runs/run-1/counts/${group}.json`) as string)).toEqual(prepared);
  expect([...files.keys()]).toContain(`rows/run-1/train/${group}-0.csv`);
});

test("each part of the test rows has a part of as many subgroups", async () => {
  const files = new Map<string, string>();
  async function* body() {
    for (let player = 0; player < 200; player += 1) {
      yield Buffer.from(`${JSON.stringify(labelled(0, { playerId: `player-${player}` }))}\n`);
    }
  }
  const upload = async (key: string, part: Buffer) => {
    files.set(key, part.toString());
  };
  await prepare({ runId: "run-1", keys: ["a"], modified: [7] }, async () => body(), readLine, upload, {
    partBytes: 40,
  });
  const parts = [...files].filter(([key]) => key.includes("/test/"));
  expect(parts.length).toBeGreaterThan(2);
  for (const [key, rows] of parts) {
    const context = files.get(key.replace("/test/", "/context/"));
    // One line more: the header.
    expect(context?.split("\n").length).toBe(rows.split("\n").length + 1);
  }
});

test("objects of a group share parts, and a line at the end of one is not joined to the next", async () => {
  const files = new Map<string, string>();
  const players = ["player-1", "player-2", "player-3"];
  const open = async (key: string) =>
    (async function* () {
      // Without a newline at the end.
      yield Buffer.from(JSON.stringify(labelled(0, { playerId: key })));
    })();
  const upload = async (key: string, part: Buffer) => {
    files.set(key, part.toString());
  };
  const keys = players as [string, ...string[]];
  const prepared = await prepare({ runId: "run-1", keys, modified: [7, 7, 7] }, open, readLine, upload);
  expect(prepared).toMatchObject({ lines: 3, rejected: 0, unlabelled: 0 });
  const rows = [...withoutCounts(files)]
    .filter(([key]) => !key.includes("/context/"))
    .flatMap(([, text]) => text.trimEnd().split("\n"));
  expect(rows).toHaveLength(3);
  expect(new Set([...withoutCounts(files).keys()].map((key) => key.split("/").at(-1))).size).toBe(1);
});

test("labels are new when their object was written since the last run with a verdict began", async () => {
  const lines = [labelled(1), labelled(0, { playerId: "player-2" }), unlabelled({ playerId: "player-3" })].map((line) =>
    JSON.stringify(line),
  );
  for (const [newSince, newlyLabelled] of [
    [0, 2],
    [7, 2],
    [8, 0],
  ] as const) {
    expect((await run(lines, { newSince })).prepared).toMatchObject({ newlyLabelled, unlabelled: 1 });
  }
});

test("rejects never hold the record", async () => {
  const { files } = await run([JSON.stringify(labelled(1, { stake: -1 })), '{"playerId":"player-1"']);
  expect([...withoutCounts(files).keys()]).toEqual([expect.stringContaining("/rejected/")]);
  expect([...files.values()].join("")).not.toContain("player-1");
});

test("parts hold all rows once, in order, and each but the last is full", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 200 }), async (count, partBytes) => {
      const files = new Map<string, string>();
      async function* body() {
        for (let row = 0; row < count; row += 1) yield Buffer.from(`${JSON.stringify(labelled(0, { stake: row }))}\n`);
      }
      const upload = async (key: string, part: Buffer) => void files.set(key, part.toString());
      await prepare({ runId: "r", keys: ["k"], modified: [7] }, async () => body(), readLine, upload, { partBytes });
      const csv = withoutCounts(files);
      const parts = [...csv.values()];
      expect([...csv.keys()]).toEqual(parts.map((_, part) => expect.stringMatching(new RegExp(`-${part}\\.csv$`))));
      expect(parts.join("")).toBe(Array.from({ length: count }, (_, row) => `0,1,${row},nan\n`).join(""));
      for (const part of parts.slice(0, -1)) expect(part.length).toBeGreaterThanOrEqual(partBytes);
    }),
    { numRuns: 30 },
  );
});

test("an upload that fails fails the run", async () => {
  async function* body() {
    yield Buffer.from(JSON.stringify(labelled(1)));
  }
  const upload = () => Promise.reject(new Error("no space"));
  await expect(
    prepare({ runId: "r", keys: ["k"], modified: [7] }, async () => body(), readLine, upload),
  ).rejects.toThrow("no space");
});

describe("records that came more than once", () => {
  type Objects = Readonly<Record<string, readonly object[]>>;
  const INSTANT = "2026-11-01T00:00:00Z";
  const written: Readonly<Record<string, number>> = {
    "records/a.jsonl": 5,
    "records/b.jsonl": 9,
    "records/c.jsonl": 7,
  };

  /** Prepares groups of one object each, finds what came more than once, and prepares those groups again, as a run does. */
  async function prepareTwice(objects: Objects) {
    const files = new Map<string, Buffer>();
    const upload = async (key: string, body: Buffer) => void files.set(key, Buffer.from(body));
    const open = async (key: string) =>
      (async function* () {
        yield Buffer.from((objects[key] ?? []).map((line) => `${JSON.stringify(line)}\n`).join(""));
      })();
    const groups = new Map<string, GroupCounts>();
    const prepareGroup = async (key: string, revision?: GroupOptions["revision"]) => {
      const input = { runId: "run-1", keys: [key] as const, modified: [written[key] ?? 0] };
      const options = revision && { revision };
      groups.set(key, (await prepare(input, open, readLine, upload, options)) as GroupCounts);
    };
    for (const key of Object.keys(objects)) await prepareGroup(key);
    const verdicts = new Map<string, Buffer[]>();
    const { cut, groups: again } = await revise(
      [...groups].map(([group, { identities }]) => ({ group, slices: identities })),
      async (group, start, end) =>
        (files.get(`rows/run-1/identities/${groupName(group)}.bin`) as Buffer).subarray(start, end),
      async (group, _, entries) => void verdicts.set(group, [...(verdicts.get(group) ?? []), entries]),
    );
    for (const key of again) {
      for (const file of [...files.keys()]) if (file.includes(groupName(key))) files.delete(file);
      await prepareGroup(key, { files: verdicts.get(key) ?? [], from: cut.from ?? Number.POSITIVE_INFINITY });
    }
    const rowsIn = (folders: RegExp) =>
      [...files]
        .filter(([key]) => folders.test(key))
        .flatMap(([, body]) => String(body).trimEnd().split("\n"))
        .sort();
    const counts = total([...groups.values()]);
    const { repeated } = mergeRejections([...groups.values()].map(({ rejections }) => rejections));
    return {
      counts,
      rows: rowsIn(/\/(train|validation|test)\//),
      later: rowsIn(/\/out-of-time\/[0-9a-f]{16}/),
      contexts: rowsIn(/\/out-of-time\/context\//),
      unlabelled: rowsIn(/\/unlabelled\//).map((line) => JSON.parse(line)),
      again: [...again],
      repeated,
    };
  }

  const file = (stake: number) =>
    Array.from({ length: 100 }, (_, player) => labelled(player % 2, { playerId: `player-${player}`, stake }));

  test("the same file under three keys counts once, and it is the one that was written last", async () => {
    const once = await prepareTwice({ "records/b.jsonl": file(2) });
    const found = await prepareTwice({
      "records/a.jsonl": file(1),
      "records/b.jsonl": file(2),
      "records/c.jsonl": file(3),
    });
    expect(found.rows).toEqual(once.rows);
    expect(found.counts).toEqual({ ...once.counts, lines: 300, duplicates: 200, bytes: 3 * once.counts.bytes });
    expect(found.again).toEqual(["records/a.jsonl", "records/c.jsonl"]);
    expect(found.repeated).toEqual([
      { key: "records/a.jsonl", records: 100 },
      { key: "records/c.jsonl", records: 100 },
    ]);
  });

  test("an instant is one, however it is written, and an unlabelled record gives way to a later label", async () => {
    const { counts, rows } = await prepareTwice({
      "records/a.jsonl": [unlabelled({ asOf: INSTANT }), labelled(0, { playerId: "player-9" })],
      "records/b.jsonl": [labelled(1, { asOf: "2026-11-01T02:00:00.000+02:00" }), { broken: true }],
    });
    expect(counts).toMatchObject({ lines: 4, rejected: 1, unlabelled: 0, duplicates: 1 });
    expect(rows).toEqual(["0,1,12.5,nan", "1,1,12.5,nan"]);
  });

  test("a player's records of several instants count once together, in whatever objects they are", async () => {
    const [first, second, third] = ["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-02T01:00:00Z"].map(
      (asOf) => labelled(1, { asOf }),
    ) as [object, object, object];
    const found = await prepareTwice({
      "records/a.jsonl": [first, second],
      "records/b.jsonl": [third, labelled(0, { playerId: "player-3" })],
      "records/c.jsonl": [labelled(0, { playerId: "player-9" })],
    });
    expect(found).toMatchObject({
      counts: { duplicates: 0, outOfTime: 0 },
      again: ["records/a.jsonl", "records/b.jsonl"],
    });
    const once = "0,1,12.5,nan";
    expect(found.rows).toEqual([once, once, ...Array(3).fill("1,0.3333333333333333,12.5,nan")]);
  });

  test("the latest records of all players are in the second test, and in no split", async () => {
    const player = (index: number) => `player-${index}`;
    const early = Array.from({ length: 17 }, (_, index) => labelled(0, { playerId: player(index), stake: index }));
    const late = { asOf: "2026-11-03T08:00:00Z" };
    const found = await prepareTwice({
      "records/a.jsonl": early,
      "records/b.jsonl": [
        ...[0, 1, 2].map((index) => labelled(1, { ...late, playerId: player(index), stake: 100 + index })),
        unlabelled({ ...late, playerId: player(30) }),
        unlabelled({ ...late, playerId: player(0), asOf: "2026-11-03T09:00:00Z" }),
      ],
    });
    expect(found.again).toEqual(["records/b.jsonl"]);
    expect(found.counts).toMatchObject({ lines: 22, outOfTime: 3, unlabelled: 1, unused: 1 });
    expect(found.rows).toHaveLength(17);
    expect(found.rows.every((row) => row.startsWith("0,1,"))).toBe(true);
    expect(found.later).toEqual(["1,1,100,nan", "1,1,101,nan", "1,1,102,nan"]);
    const splits = [0, 1, 2].map((index) => splitOf("operator-1", player(index)));
    expect(
      found.contexts
        .filter((line) => line.startsWith(",,,"))
        .map((line) => line.split(",").at(-1))
        .sort(),
    ).toEqual(splits.sort());
    expect(found.contexts).toContain("ageBand,gender,country,player,split");
    // Whoever labels it must put it there too; of a player who has a label nobody is asked.
    expect(found.unlabelled).toMatchObject([{ playerId: player(30), split: "out-of-time", weight: 1 }]);
    expect(found.unlabelled[0].context).toMatch(new RegExp(`,${splitOf("operator-1", player(30))}$`));
  });

  test.each([
    ["another record in its place", [labelled(1, { playerId: "player-2" })]],
    ["nothing in its place", []],
    ["a line that is none in its place", [{}]],
  ])("an object that was written meanwhile fails the run: %s", async (_, lines) => {
    const leftOut = Buffer.alloc(12, 0xff);
    leftOut.writeUInt32BE(0);
    leftOut.writeUInt32BE(checkOf(createHash("sha256").update("operator-1\nplayer-1").digest()), 4);
    const again = (content: readonly object[]) =>
      run(
        content.map((line) => JSON.stringify(line)),
        { revision: { files: [leftOut], from: Number.POSITIVE_INFINITY } },
      );
    expect((await again([labelled(1)])).prepared).toMatchObject({ duplicates: 1, lines: 1 });
    await expect(again(lines)).rejects.toThrow("objects were written while a run read them; start it again");
  });
});
