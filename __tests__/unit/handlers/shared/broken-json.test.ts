import fc from "fast-check";
import { brokenJson } from "../../../../handlers/shared/broken-json";

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test.each<[string, string, string]>([
  ['{"records":[{"age":1},{"age":NaN}]}', "/records/1/age", "line 1, column 30: NaN is no JSON; leave the field out"],
  ['{\n  "records": [\n    { "stake": -Infinity }', "/records/0/stake", "line 3, column 16: -Infinity is no JSON"],
  ['{"a":[1,2,undefined]}', "/a/2", "line 1, column 11: undefined is no JSON"],
  ['{"a":None}', "/a", "column 6: None is no JSON"],
  ['{"a":nan}', "/a", "column 6: nan is no JSON"],
  ['{"a":1,}', "", "column 8: here the body stops"],
  ['{"a":[1,]}', "/a/1", "column 9: here"],
  ['{"a":01}', "/a", "column 7: here"],
  ['{"a":1 "b":2}', "/a", "column 8: here"],
  ["{'a':1}", "", "column 2: here"],
  ['{"a":"tab\there"}', "/a", "column 10: here"],
  ['{"a":"\\x"}', "/a", "column 7: here"],
  ['{"a":{"b/c~d":[[],{},tru]}}', "/a/b~1c~0d/2", "column 22: here"],
  ['{"a":1', "/a", "column 7: here"],
  ['{"a":"secret', "/a", "column 13: here"],
  ["", "", "line 1, column 1: here"],
  ["{} {}", "", "column 4: here"],
  ["\uFEFF{}", "", "column 1: here"],
  ["secret", "", "column 1: here"],
])("%j breaks at %j", (text, pointer, message) => {
  expect(isJson(text)).toBe(false);
  const found = brokenJson(text);
  expect(found).toEqual({ pointer, message: expect.stringContaining(message) });
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
    expect(brokenJson(`[${text}`)?.message).toMatch(/^line 1, column \d+: /);
  }
});
