import fc from "fast-check";
import { createLineReader, prepare, splitOf } from "../../../../handlers/prepare/logic";
import { recordReader } from "../../../../handlers/shared/records";
import { toy, toyRecord } from "../toy";

const readLine = createLineReader(recordReader(toy), ({ outcome }) => outcome.label?.value ?? null);
const labelled = (value: number, fields: Readonly<Record<string, unknown>> = {}) => ({
  ...toyRecord(fields),
  outcome: { label: { value, source: "operator", at: "2026-11-01T00:00:00Z" } },
});

async function run(lines: readonly string[], options: { partBytes?: number; maxLineBytes?: number } = {}) {
  const files = new Map<string, string>();
  async function* body() {
    yield Buffer.from(lines.join("\n"));
  }
  const upload = async (key: string, part: Buffer) => {
    expect(files.has(key)).toBe(false);
    files.set(key, part.toString());
  };
  const input = { model: "m", runId: "run-1", keys: ["records/a.jsonl"] as const };
  return { prepared: await prepare(input, async () => body(), readLine, upload, options), files };
}

describe("a line", () => {
  test("becomes its label and features", () => {
    expect(readLine(JSON.stringify(labelled(1, { visits: 3 })))).toEqual({
      split: splitOf("operator-1", "player-1"),
      label: 1,
      row: "1,12.5,3",
      context: ",,",
    });
    expect(readLine(JSON.stringify(labelled(0)))).toMatchObject({ label: 0, row: "0,12.5," });
  });

  test("without a label is unlabelled", () => {
    expect(readLine(JSON.stringify({ ...toyRecord(), outcome: {} }))).toBeNull();
  });

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
    expect(readLine(text)).toEqual({ problems });
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
  const { prepared, files } = await run(
    [...lines, "", "x".repeat(2_000), JSON.stringify({ ...toyRecord(), outcome: {} })],
    {
      maxLineBytes: 1_000,
    },
  );
  const rowsOf = (split: string) =>
    players.flatMap((playerId, index) =>
      splitOf("operator-1", playerId) === split ? [`${index % 2},${index},\n`] : [],
    );
  const name = "8d1b1a37d1c4c0b4";
  const expected = ["train", "validation", "test"].map((split) => [split, rowsOf(split)] as const);
  expect(new Map([...files].map(([key, text]) => [key.replace(/[0-9a-f]{16}/, name), text]))).toEqual(
    new Map([
      ...expected.map(([split, rows]): [string, string] => [`runs/run-1/${split}/${name}-0.csv`, rows.join("")]),
      [
        `runs/run-1/context/${name}-0.csv`,
        `ageBand,gender,country\n${rowsOf("test")
          .map(() => ",,\n")
          .join("")}`,
      ],
      [
        `runs/run-1/rejected/${name}-0.jsonl`,
        '{"key":"records/a.jsonl","line":202,"problems":[{"pointer":"","message":"is longer than 1000 bytes"}]}\n',
      ],
    ]),
  );
  expect(prepared).toEqual({
    rows: Object.fromEntries(expected.map(([split, rows]) => [split, rows.length])),
    positives: 100,
    unlabelled: 1,
    rejected: 1,
    lines: 202,
  });
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
  await prepare({ model: "m", runId: "run-1", keys: ["a"] }, async () => body(), readLine, upload, { partBytes: 40 });
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
  const prepared = await prepare({ model: "m", runId: "run-1", keys }, open, readLine, upload);
  expect(prepared).toMatchObject({ lines: 3, rejected: 0, unlabelled: 0 });
  const rows = [...files]
    .filter(([key]) => !key.includes("/context/"))
    .flatMap(([, text]) => text.trimEnd().split("\n"));
  expect(rows).toHaveLength(3);
  expect(new Set([...files.keys()].map((key) => key.split("/").at(-1))).size).toBe(1);
});

test("rejects never hold the record", async () => {
  const { files } = await run([JSON.stringify(labelled(1, { stake: -1 })), '{"playerId":"player-1"']);
  expect([...files.keys()]).toEqual([expect.stringContaining("/rejected/")]);
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
      await prepare({ model: "m", runId: "r", keys: ["k"] }, async () => body(), readLine, upload, { partBytes });
      const parts = [...files.values()];
      expect([...files.keys()]).toEqual(parts.map((_, part) => expect.stringMatching(new RegExp(`-${part}\\.csv$`))));
      expect(parts.join("")).toBe(Array.from({ length: count }, (_, row) => `0,${row},\n`).join(""));
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
  await expect(prepare({ model: "m", runId: "r", keys: ["k"] }, async () => body(), readLine, upload)).rejects.toThrow(
    "no space",
  );
});
