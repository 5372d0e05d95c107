import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compiled, keep, recall } from "../../../modules/bundling/kept.cjs";

let scratch: string;
let file: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "vwt-kept-"));
  file = join(scratch, "folder", "kept.cjs");
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** Changes a byte in the middle of a file. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  const middle = bytes.length >> 1;
  bytes.writeUInt8((bytes[middle] ?? 0) ^ 1, middle);
  writeFileSync(path, bytes);
}

test("bytes that were kept come back, and no others", () => {
  expect(recall(file)).toBeUndefined();
  keep(file, Buffer.from("bytes"));
  expect(recall(file)?.toString()).toBe("bytes");
  damage(file);
  expect(recall(file)).toBeUndefined();
});

describe("a compiled module", () => {
  /** Runs a module as one process would; says what it exported, and whether it had to be bundled. */
  function run(key: string, code: string): readonly [exported: unknown, how: "bundled" | "kept"] {
    const bundle = jest.fn(() => code);
    const atEnd: (() => void)[] = [];
    const module = compiled(file, key, bundle, (work) => atEnd.push(work));
    const exported = module.run((name) => `${name} required`, "/folder");
    for (const work of atEnd) work();
    return [exported.value, bundle.mock.calls.length > 0 ? "bundled" : "kept"];
  }

  test("has what modules have", () => {
    expect(run("key", 'exports.value = [require("this"), __dirname, __filename];')[0]).toEqual([
      "this required",
      "/folder",
      file,
    ]);
  });

  test("is bundled once for a key", () => {
    expect(run("one", "exports.value = 1;")).toEqual([1, "bundled"]);
    expect(run("one", "never")).toEqual([1, "kept"]);
    expect(run("two", "exports.value = 2;")).toEqual([2, "bundled"]);
    expect(run("two", "never")).toEqual([2, "kept"]);
  });

  test.each([
    ["its code was damaged", () => damage(file)],
    ["its code has gone", () => rmSync(file)],
    ["its code is another that is as long", () => writeFileSync(file, "exports.value = 7;")],
    ["what V8 made of it was damaged", () => damage(`${file}.v8`)],
    ["what V8 made of it was cut off", () => writeFileSync(`${file}.v8`, readFileSync(`${file}.v8`).subarray(0, 99))],
    ["what V8 made of it has gone", () => rmSync(`${file}.v8`)],
  ])("is bundled again when %s", (_, spoil) => {
    run("key", "exports.value = 1;");
    spoil();
    expect(run("key", "exports.value = 1;")).toEqual([1, "bundled"]);
    expect(run("key", "never")).toEqual([1, "kept"]);
  });

  test("runs where nothing can be kept", () => {
    writeFileSync(join(scratch, "folder"), "a file where the folder would be");
    expect(run("key", "exports.value = 1;")).toEqual([1, "bundled"]);
    expect(run("key", "exports.value = 1;")).toEqual([1, "bundled"]);
  });
});
