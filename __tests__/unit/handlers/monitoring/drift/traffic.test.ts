import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import type { LineKind } from "../../../../../handlers/monitoring/drift/logic";
import { readTraffic } from "../../../../../handlers/monitoring/drift/traffic";

/** Lines named by what they are, such as "counted 1". */
const verdict = (line: string | undefined) => (line ?? "bad").split(" ")[0] as LineKind;

async function read(objects: Readonly<Record<string, Buffer>>, chunkBytes = 7) {
  const seen: (string | undefined)[] = [];
  const streams: Readable[] = [];
  const open = async (key: string) => {
    const bytes = objects[key] as Buffer;
    const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
      bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
    );
    const stream = Readable.from(chunks);
    streams.push(stream);
    return stream;
  };
  const lines = await readTraffic(Object.keys(objects), open, (line) => {
    seen.push(line);
    return verdict(line);
  });
  return { lines, seen, closed: streams.every(({ destroyed }) => destroyed) };
}

const text = "counted 1\nother 2\nbad 3\ncounted 4\n";

test.each([
  ["plain", Buffer.from(text)],
  ["packed", gzipSync(text)],
  [
    "packed in two members, as appended files are",
    Buffer.concat([gzipSync(text.slice(0, 12)), gzipSync(text.slice(12))]),
  ],
  ["without a last newline", Buffer.from(text.trimEnd())],
])("lines of an object that is %s", async (_, bytes) => {
  for (const chunkBytes of [1, 7, 10_000]) {
    const { lines, seen } = await read({ a: bytes }, chunkBytes);
    expect(seen).toEqual(["counted 1", "other 2", "bad 3", "counted 4"]);
    expect(lines).toEqual({ counted: 2, other: 1, bad: 1 });
  }
});

test("many objects are read, and each is closed", async () => {
  const objects = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`o${index}`, Buffer.from(text)]));
  const { lines, closed } = await read(objects);
  expect(lines.counted).toBe(60);
  expect(closed).toBe(true);
});

test("an empty object has no lines", async () => {
  expect((await read({ a: Buffer.alloc(0) })).lines).toEqual({ counted: 0, other: 0, bad: 0 });
});

test("a line that is too long is told as such", async () => {
  const { seen } = await read({ a: Buffer.from(`${"x".repeat(300_000)}\ncounted 1\n`) }, 65_536);
  expect(seen).toEqual([undefined, "counted 1"]);
});

test.each([
  ["a stream that breaks", Buffer.from("counted 1\n")],
  ["a packed stream that breaks", gzipSync("counted 1\n")],
])("%s fails the measurement instead of ending it early", async (_, bytes) => {
  const open = async () =>
    Readable.from(
      (async function* () {
        yield bytes.subarray(0, 5);
        throw new Error("connection reset");
      })(),
    );
  await expect(readTraffic(["a"], open, verdict)).rejects.toThrow("connection reset");
});

test("a packed object that was cut off fails the measurement", async () => {
  await expect(read({ a: gzipSync(text).subarray(0, 30) })).rejects.toThrow("unexpected end of file");
});
