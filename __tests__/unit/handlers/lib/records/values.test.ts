import fc from "fast-check";
import { ValueSplitter } from "../../../../../handlers/lib/records/values";

const MAX = 1_000;

function split(pieces: readonly Buffer[], maxBytes = MAX): [string | undefined, number][] {
  const values: [string | undefined, number][] = [];
  const splitter = new ValueSplitter((text, bytes) => values.push([text, bytes]), maxBytes);
  for (const piece of pieces) splitter.push(piece);
  splitter.end();
  return values;
}

const texts = (line: string, maxBytes = MAX) => split([Buffer.from(line)], maxBytes).map(([text]) => text);

test("objects come out as they went in, whatever is between them and however they arrive", () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 });
  const separator = fc.constantFrom("", " ", "\r", "\t", ",", ", ", "],[");
  const objects = fc.array(fc.tuple(object, separator), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(objects, fc.boolean(), fc.integer({ min: 1, max: 50 }), (all, inList, size) => {
      const line = Buffer.from(
        `${inList ? "[" : ""}${all.map(([each, after]) => JSON.stringify(each) + after).join("")}${inList ? "]" : ""}`,
      );
      const pieces = Array.from({ length: Math.ceil(line.length / size) }, (_, index) =>
        line.subarray(index * size, (index + 1) * size),
      );
      const found = split(pieces, line.length);
      expect(found.map(([text]) => JSON.parse(text as string))).toEqual(
        all.map(([each]) => JSON.parse(JSON.stringify(each))),
      );
      for (const [text, bytes] of found) expect(Buffer.byteLength(text as string)).toBe(bytes);
    }),
    { numRuns: 200 },
  );
});

test.each([
  ["nothing but separators", "[ , ]", []],
  ["a byte order mark", '\ufeff{"a":1}', ['{"a":1}']],
  ["what is no object", "null", ["null"]],
  ["scalars in an array, told once", "[1,2,3]", ["1,2,3]"]],
  ["something before an object", 'INFO {"a":1}', ["INFO ", '{"a":1}']],
  ["an object that is not over", '{"a":1}{"b":', ['{"a":1}', '{"b":']],
  ["a string that is not over", '{"a":"}{', ['{"a":"}{']],
  ["brackets and quotes in strings", '{"a":"}\\"{["}{"b":"\\\\"}', ['{"a":"}\\"{["}', '{"b":"\\\\"}']],
  ["more closing than opening", "}]{}", ["}]", "{}"]],
])("of %s", (_, line, expected) => {
  expect(texts(line)).toEqual(expected);
});

test("the next line begins anew", () => {
  const values: (string | undefined)[] = [];
  const splitter = new ValueSplitter((text) => values.push(text), MAX);
  for (const line of ['{"a":"\\', '{"b":1}', "[{", '{"c":1}']) {
    splitter.push(Buffer.from(line));
    splitter.end();
  }
  expect(values).toEqual(['{"a":"\\', '{"b":1}', "{", '{"c":1}']);
});

test.each([
  ["an object that never ends", '{"a":"', "x"],
  ["brackets that never close", "{", "["],
  ["no JSON at all", "x", "x"],
])("of %s no more is kept than an object may have", (_, start, filling) => {
  const values: [string | undefined, number][] = [];
  const splitter = new ValueSplitter((text, bytes) => values.push([text, bytes]), MAX);
  const kept = () => (Reflect.get(splitter, "kept") as Buffer[]).reduce((sum, { length }) => sum + length, 0);
  splitter.push(Buffer.from(start));
  for (let piece = 0; piece < 1_000; piece += 1) {
    splitter.push(Buffer.alloc(100, filling));
    expect(kept()).toBeLessThanOrEqual(MAX);
  }
  splitter.end();
  expect(values).toEqual([[undefined, start.length + 100_000]]);
});
