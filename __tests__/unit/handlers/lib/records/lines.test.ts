import fc from "fast-check";
import { LineSplitter } from "../../../../../handlers/lib/records/lines";

const MAX = 1_000;

function split(chunks: readonly Buffer[], maxBytes = MAX): [string | undefined, number][] {
  const lines: [string | undefined, number][] = [];
  const splitter = new LineSplitter((line, number) => lines.push([line, number]), maxBytes);
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

/** The obvious way, which needs the whole text at once. */
function naive(text: string, maxBytes = MAX): [string | undefined, number][] {
  return text
    .split("\n")
    .map((line, place): [string | undefined, number] => [
      Buffer.byteLength(line) > maxBytes ? undefined : line.replace(/\r$/, ""),
      place + 1,
    ])
    .filter(([line]) => line === undefined || line.trim() !== "");
}

/** Cuts anywhere, in the middle of a character too. */
function chunked(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

test("any chunking gives the lines of the whole text", () => {
  const character = fc.constantFrom("a", "é", "€", "😀", "\n", "\n", "\r\n", "\r", " ");
  const text = fc.array(character, { maxLength: 80 }).map((characters) => characters.join(""));
  fc.assert(
    fc.property(text, fc.array(fc.nat()), fc.integer({ min: 1, max: 20 }), (whole, cuts, maxBytes) => {
      expect(split(chunked(Buffer.from(whole), cuts), maxBytes)).toEqual(naive(whole, maxBytes));
    }),
    { numRuns: 1_000 },
  );
});

test("a byte order mark before the first line is dropped, wherever it is cut", () => {
  const bytes = Buffer.from("\ufeff{}\n\ufeff{}\n");
  for (const cut of [0, 1, 2, 3, 4]) {
    expect(split(chunked(bytes, [cut]))).toEqual([
      ["{}", 1],
      ["\ufeff{}", 2],
    ]);
  }
});

test("a line too long is reported once and the next is read; its bytes are not kept", () => {
  const piece = Buffer.alloc(600, "x");
  expect(split([piece, piece, piece, Buffer.from("\nnext\n"), piece, piece])).toEqual([
    [undefined, 1],
    ["next", 2],
    [undefined, 3],
  ]);
  expect(split([Buffer.concat([piece, piece]), Buffer.from("\n")])).toEqual([[undefined, 1]]);
});
