import fc from "fast-check";
import { brokenJson } from "../../../../../handlers/lib/records/broken-json";

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test.each<[string, string, string]>([
  ['{"records":[{"age":1},{"age":NaN}]}', "/records/1/age", "1:30 NaN"],
  ['{\n  "records": [\n    { "stake": -Infinity }', "/records/0/stake", "3:16 -Infinity"],
  ['{"a":[1,2,undefined]}', "/a/2", "1:11 undefined"],
  ['{"a":None}', "/a", "1:6 None"],
  ['{"a":nan}', "/a", "1:6 nan"],
  ['{"a":1,}', "", "1:8"],
  ['{"a":[1,]}', "/a/1", "1:9"],
  ['{"a":01}', "/a", "1:7"],
  ['{"a":1 "b":2}', "/a", "1:8"],
  ["{'a':1}", "", "1:2"],
  ['{"a":"tab\there"}', "/a", "1:10"],
  ['{"a":"\\x"}', "/a", "1:7"],
  ['{"a":{"b/c~d":[[],{},tru]}}', "/a/b~1c~0d/2", "1:22"],
  ['{"a":1', "/a", "1:7"],
  ['{"a":"secret', "/a", "1:13"],
  ["", "", "1:1"],
  ["{} {}", "", "1:4"],
  ["\uFEFF{}", "", "1:1"],
  ["secret", "", "1:1"],
])("%j breaks at %j, %s", (text, pointer, place) => {
  expect(isJson(text)).toBe(false);
  const found = brokenJson(text);
  expect(found?.pointer).toBe(pointer);
  expect(`${found?.line}:${found?.column} ${found?.foreign ?? ""}`.trimEnd()).toBe(place);
  expect(JSON.stringify(found)).not.toContain("secret");
});

test("finds something exactly where JSON.parse refuses, in texts with a character too few, too many or another", () => {
  const character = fc.constantFrom(...'{}[],:"\\0129.-+eEtrufalsn \n\tN\u0000é');
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 4 }),
      fc.nat(),
      fc.integer({ min: 0, max: 1 }),
      fc.option(character, { nil: "" }),
      (json, place, cut, put) => {
        const at = place % (json.length + 1);
        const text = json.slice(0, at) + put + json.slice(at + cut);
        expect([text, brokenJson(text) === undefined]).toEqual([text, isJson(text)]);
      },
    ),
    { numRuns: 2000 },
  );
});

test("megabytes of one thing cost no more than their size", () => {
  const million = 1_000_000;
  for (const text of ["[".repeat(million), `"${"\\n".repeat(million)}`, "1".repeat(million), '{"a":'.repeat(million)]) {
    expect(brokenJson(`[${text}`)).toMatchObject({ line: 1, column: expect.any(Number) });
  }
});
