import { gzipSync } from "node:zlib";
import { datasetNamed } from "../../../../../catalogue/datasets";
import { ONE_CURRENCY } from "../../../../../catalogue/datasets/kit/money";
import { labelOf, modelNamed } from "../../../../../catalogue/models";
import { UNSCALED } from "../../../../../catalogue/training/scaling";
import type { GroupCounts } from "../../../../../contracts/run-layout";
import { recordReader } from "../../../../../handlers/lib/records/records";
import { createLineReader } from "../../../../../handlers/retraining/prepare/line";
import { prepare } from "../../../../../handlers/retraining/prepare/logic";
import { modelReader } from "../../../../../handlers/retraining/prepare/model-reader";

// What is taken of the objects of a data bucket, what is refused, and with which words.

const dataset = datasetNamed("gambling-behaviour");
const NOW = Date.parse("2026-11-26T00:00:00Z");
const records = [...dataset.generate({ seed: 9, players: 250, now: "2026-11-01T00:00:00Z" })].map(
  ({ record }) => record,
);
const [first, second] = records.map((record) => JSON.stringify(record)) as [string, string, ...string[]];
const some = records.slice(0, 20).map((record) => JSON.stringify(record));
const readLine = createLineReader(
  modelReader(
    { needs: { groups: [] } },
    recordReader(dataset, ONE_CURRENCY, () => NOW),
  ),
  labelOf(modelNamed("gambling-behaviour-problem-gambling")),
  ({ playerId }) => playerId,
  new Map(),
  UNSCALED,
  () => NOW,
);

interface Prepared extends GroupCounts {
  readonly rejected: number;
  readonly usable: number;
  /** Reads what was written about rejected lines. */
  readonly lines_: readonly { readonly line: number; readonly record: number; readonly problems: readonly object[] }[];
}

/** Prepares one object, which arrives in pieces of so many bytes. */
async function read(content: string | Buffer, pieceBytes = 65_536): Promise<Prepared> {
  const bytes = Buffer.from(content);
  const open = async () =>
    (async function* () {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
    })();
  let rejected = "";
  const upload = async (key: string, body: Buffer) => {
    if (key.includes("/rejected/")) rejected += body.toString();
  };
  const input = { runId: "r", keys: ["records/a.jsonl"] as const, modified: [0] };
  const counts = (await prepare(input, open, readLine, upload)) as GroupCounts;
  const { rows, unlabelled } = counts;
  return {
    ...counts,
    usable: rows.train + rows.validation + rows.test + unlabelled,
    lines_: rejected
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
}

/** Counts of a group without anything rejected. */
const CLEAN = {
  rejected: 0,
  rejectedBytes: 0,
  rejections: { reasons: [], unusableObjects: 0, objects: [], repeated: [], lacking: { records: 0, of: {} } },
};

describe("objects that are read", () => {
  test.each<[string, string | Buffer, number]>([
    ["a record a line", some.join("\n"), 20],
    ["lines that end as on Windows, the last one too", `${some.join("\r\n")}\r\n`, 20],
    ["a byte order mark, empty lines and lines of white space", `\ufeff\n${first}\n \t\n\n${second}\n`, 2],
    ["records one after the other, as a delivery stream writes them", some.join(""), 20],
    ["such on several lines", `${first}${second}\n${second}${first}\n`, 4],
    ["carriage returns alone between records", some.join("\r"), 20],
    ["an array on one line", `[${some.join(",")}]`, 20],
    ["an array on one line for each batch", `[${first},${second}]\n[${second}]\n`, 3],
    ["an array with a record a line", `[\n${some.join(",\n")}\n]\n`, 20],
    ["an empty array", "[]", 0],
    ["nothing", "", 0],
    ["one line of megabytes, one after the other", some.join("").repeat(10), 200],
    ["an array of megabytes on one line", `[${Array(10).fill(some.join(", ")).join(",")}]`, 200],
    ["gzip", gzipSync(some.join("\n")), 20],
    ["gzip in several members", Buffer.concat(some.map((line) => gzipSync(`${line}\n`))), 20],
    ["gzip of a delivery stream", gzipSync(some.join("")), 20],
  ])("%s", async (_, content, usable) => {
    expect(await read(content)).toMatchObject({ usable, lines: usable, ...CLEAN });
  });

  test("in pieces of any size", async () => {
    for (const content of [some.join("\n"), some.join(""), gzipSync(some.join("\n"))]) {
      for (const pieceBytes of [1_000, 1_001, 7_919]) {
        expect(await read(content, pieceBytes)).toMatchObject({ usable: 20, lines: 20, ...CLEAN });
      }
    }
    expect(await read(gzipSync(first), 1)).toMatchObject({ usable: 1, ...CLEAN });
  });
});

describe("lines that are refused, each with its place", () => {
  const line = (changes: object) => JSON.stringify({ ...records[0], ...changes });
  const outcome = (changes: object) => line({ outcome: { ...records[0]?.outcome, ...changes } });
  test.each<[string, string, string, string]>([
    ["no JSON", "nonsense", "", "is not a JSON object"],
    ["half a record", first.slice(0, 500), "", "is not a JSON object"],
    ["NaN", first.replace(/"asOf":"[^"]*"/, '"asOf":NaN'), "/asOf", "NaN is no JSON; leave the field out"],
    ["a number", "7", "", "is not a JSON object"],
    ["null", "null", "", "is not a JSON object"],
    ["a record too long", line({ playerId: "x".repeat(1_100_000) }), "", "is longer than 1000000 bytes"],
    ["no player", line({ playerId: undefined }), "/playerId", "is missing"],
    ["an unknown field", line({ shoeSize: 44 }), "/shoeSize", "is not a known field; remove it"],
    ["another dataset", line({ dataset: "horoscopes" }), "/dataset", 'must be "gambling-behaviour"'],
    [
      "another dataset's fields, too",
      line({ dataset: "before-initial-deposit", observedFrom: undefined, age: 30 }),
      "/dataset",
      'must be "gambling-behaviour"',
    ],
    ["no instant", line({ asOf: "yesterday" }), "/asOf", "must be an RFC 3339 date-time such as 2026-11-23T12:00:00Z"],
    [
      "an instant to come",
      line({ asOf: "2099-12-12T00:00:00Z" }),
      "/asOf",
      "is in the future; send the instant at which the record was true",
    ],
    ["no outcome", line({ outcome: undefined }), "/outcome", "is missing"],
    ["an outcome that is a word", line({ outcome: "fine" }), "/outcome", "must be object"],
    [
      "an exclusion to come",
      outcome({ selfExcludedAt: "2099-12-12T00:00:00Z" }),
      "/outcome/selfExcludedAt",
      "is in the future; send the instant, or leave it out while it is unknown",
    ],
    [
      "an unknown date",
      outcome({ firstBetAt: "0001-01-01T00:00:00Z" }),
      "/outcome/firstBetAt",
      "is before 1990, as databases write an unknown date; send the instant, or leave it out while it is unknown",
    ],
    ["a label that is none", outcome({ label: { value: 2 } }), "/outcome/label/value", "must be one of 0, 1"],
  ])("%s", async (_, bad, pointer, message) => {
    const { rejected, usable, lines_, rejections } = await read([first, bad, second].join("\n"));
    expect([rejected, usable]).toEqual([1, 2]);
    expect(lines_).toMatchObject([{ key: "records/a.jsonl", line: 2, record: 2 }]);
    expect(lines_[0]?.problems).toContainEqual({ pointer, message });
    expect(rejections).toMatchObject({ reasons: [{ lines: 1, line: 2 }], unusableObjects: 0 });
  });

  test("one of many on a line has the place among the records", async () => {
    const { lines_, usable } = await read(`${first}{"playerId":7}${second}`);
    expect(usable).toBe(2);
    expect(lines_).toMatchObject([{ line: 1, record: 2 }]);
  });

  test("reasons are counted by what records have in common, and name no field that may be of a player", async () => {
    const days = (index: number) =>
      line({ days: [...((records[0] as { days?: object[] }).days ?? [])].fill({ date: "x" }, index, index + 1) });
    const lines = [days(0), days(1), line({ "anna@example.org": 1 }), first];
    const { rejections } = await read(lines.join("\n"));
    expect(rejections.reasons.map(({ reason, lines: count }) => [reason, count])).toEqual([
      ["/days/*/date must be a date such as 2026-11-23", 2],
      ["/* is not a known field; remove it", 1],
    ]);
  });

  test("where twenty thousand are too short for any record, the others are not looked at", async () => {
    const { lines, rejections } = await read("{}\n".repeat(50_000), 3_000);
    expect(lines).toBe(21_000);
    expect(rejections).toMatchObject({ unusableObjects: 1 });
  });

  test("of any number a bounded number is written down, and all are counted", async () => {
    const { rejected, lines_, rejections } = await read("x\n".repeat(11_000));
    expect([rejected, lines_.length, rejections.reasons[0]?.lines]).toEqual([11_000, 10_000, 11_000]);
  });
});

describe("objects that give nothing usable say what they are and what to do", () => {
  const pretty = records.slice(0, 3);
  const utf16 = Buffer.from(`\ufeff${first}`, "utf16le");
  const damaged = gzipSync(some.join("\n"));
  test.each<[string, string | Buffer, RegExp]>([
    ["zstd", Buffer.from("28b52ffd04", "hex"), /^is compressed by zstd; unpack it, or pack it by gzip/],
    ["bzip2", "BZh91AY&SY", /^is compressed by bzip2; unpack it/],
    ["xz", Buffer.from("fd377a585a000004", "hex"), /^is compressed by xz; unpack it/],
    ["ZIP", "PK\x03\x04\x14", /^is a ZIP archive; unpack it/],
    ["Snappy", Buffer.from("ff060000734e61507059", "hex"), /^is compressed by Snappy; unpack it/],
    ["Parquet", "PAR1\x15\x04", /^is Parquet; write it as JSON, one record a line$/],
    ["Avro", "Obj\x01\x04", /^is Avro; write it as JSON, one record a line$/],
    ["gzip of Parquet", gzipSync("PAR1\x15\x04"), /^is Parquet; /],
    ["UTF-16, little end first", utf16, /^is text in UTF-16; write it in UTF-8$/],
    ["UTF-16, big end first", Buffer.from(utf16).swap16(), /^is text in UTF-16; write it in UTF-8$/],
    ["anything binary", Buffer.from([1, 2, 0, 3]), /^is binary; write its records as JSON, one a line$/],
    ["XML", "<records>\n<record/>\n</records>", /^is HTML or XML; write its records as JSON/],
    [
      "a pretty array",
      JSON.stringify(pretty, null, 2),
      /^is a JSON array with its records over several lines; write one record a line: jq -c '\.\[\]'$/,
    ],
    [
      "a pretty record",
      JSON.stringify(pretty[0], null, 2),
      /^is JSON with its records over several lines; .*: jq -c \.$/,
    ],
    [
      "records in a document",
      JSON.stringify({ records: pretty }),
      /^is one JSON document around its records; write the records alone, one a line: jq/,
    ],
    ["records in a long document", JSON.stringify({ records }), /^is one JSON document around its records/],
    ["CSV", "playerId,asOf,stake\np1,2026-11-01,5\n", /^looks like CSV; write it as JSON/],
    [
      "damaged gzip",
      damaged.subarray(0, damaged.length - 50),
      /^is damaged gzip, unexpected end of file; write it again$/,
    ],
    [
      "gzip with a wrong sum",
      Buffer.from(damaged).fill(7, damaged.length - 8),
      /^is damaged gzip, incorrect data check/,
    ],
    [
      "ten records without an outcome",
      `${JSON.stringify({ ...records[0], outcome: undefined })}\n`.repeat(10),
      /^has no usable record; the first of 10: \/outcome is missing$/,
    ],
    ["a word", "nonsense", /^has no usable record; the first of 1: is not a JSON object$/],
    ["half a record", first.slice(0, 500), /^has no usable record; the first of 1: is not a JSON object$/],
    ["one endless line", "x".repeat(3_000_000), /^has no usable record; the first of 1: is longer than 1000000 bytes$/],
  ])("%s", async (_, content, problem) => {
    const { rejections, rejected } = await read(content);
    expect(rejected).toBeGreaterThan(0);
    expect(rejections).toMatchObject({
      unusableObjects: 1,
      objects: [{ key: "records/a.jsonl", problem: expect.stringMatching(problem) }],
    });
  });

  test.each([
    ["of another format", Buffer.alloc(1_000, "PAR1")],
    ["of lines too short for records", Buffer.alloc(1_000, "x\n")],
  ])("an object %s is not read to its end, and its stream is closed", async (_, piece) => {
    const stream = { pieces: 0, closed: false };
    const open = async () =>
      (async function* () {
        try {
          for (; stream.pieces < 1_000; stream.pieces += 1) yield piece;
        } finally {
          stream.closed = true;
        }
      })();
    await prepare({ runId: "r", keys: ["records/a.jsonl"], modified: [0] }, open, readLine, async () => {});
    expect(stream.pieces).toBeLessThan(50);
    expect(stream.closed).toBe(true);
  });

  test("but a few wrong records in an object of their own may be wrong by chance", async () => {
    const one = `${JSON.stringify({ ...records[0], age: 7 })}\n`;
    expect((await read(one)).rejections).toMatchObject({ unusableObjects: 0, reasons: [{ lines: 1 }] });
  });
});

test("sixty good lines and ten arrays of fifty: nothing is lost", async () => {
  const good = records.slice(0, 60).map((record) => JSON.stringify(record));
  const list = `[${good.slice(0, 50).join(",")}]`;
  expect(await read([...good, ...Array(10).fill(list)].join("\n"))).toMatchObject({
    usable: 560,
    lines: 560,
    ...CLEAN,
  });
});
