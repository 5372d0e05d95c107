import {
  anything,
  arrayOf,
  boolean,
  integer,
  mapOf,
  nullable,
  number,
  object,
  oneOf,
  optional,
  parse,
  parseJson,
  someOf,
  text,
} from "../../../contracts/parse";

const parser = object({
  model: text,
  keys: someOf(text),
  rows: arrayOf(object({ features: arrayOf(nullable(number())) })),
  limits: object({ cost: number(0), jobs: integer(1) }),
  mode: optional(oneOf("people", "automatic")),
  again: boolean,
  shares: mapOf(number(0, 1)),
  token: optional(anything),
});
const good = {
  model: "m",
  keys: ["a"],
  rows: [{ features: [1, null] }],
  limits: { cost: 0.5, jobs: 1 },
  again: false,
  shares: { a: 0.5 },
};

test("returns what was given, without what nobody knows", () => {
  const { shares, ...parsed } = parse(parser, { ...good, surprise: 1, limits: { ...good.limits, other: 2 } }, "input");
  const { shares: given, ...rest } = good;
  expect(parsed).toEqual(rest);
  expect([...shares]).toEqual(Object.entries(given));
  expect(parse(parser, { ...good, mode: "people", token: [1] }, "input")).toMatchObject({ mode: "people", token: [1] });
});

test.each([
  [null, "input must be an object (found null)"],
  [[], "input must be an object (found an array)"],
  [{ ...good, model: undefined }, "input model is missing; it must be a non-empty string"],
  [{ ...good, model: "" }, "input model must be a non-empty string (found an empty string)"],
  [{ ...good, keys: "a" }, "input keys must be an array (found a string)"],
  [{ ...good, keys: [] }, "input keys must have at least one entry"],
  [{ ...good, keys: ["a", 1] }, "input keys[1] must be a non-empty string (found a number)"],
  [{ ...good, rows: [{ features: [1, "2"] }] }, "input rows[0].features[1] must be a number (found a string)"],
  [{ ...good, rows: [{ features: [Number.NaN] }] }, "input rows[0].features[0] must be a number (found no number)"],
  [{ ...good, limits: { cost: -1, jobs: 1 } }, "input limits.cost must be a number of at least 0 (found a number)"],
  [
    { ...good, limits: { cost: 1, jobs: 1.5 } },
    "input limits.jobs must be a whole number of at least 1 (found a number)",
  ],
  [{ ...good, limits: { cost: 1 } }, "input limits.jobs is missing; it must be a whole number of at least 1"],
  [{ ...good, mode: "robot" }, "input mode must be one of people, automatic (found a string)"],
  [{ ...good, mode: null }, "input mode must be one of people, automatic (found null)"],
  [{ ...good, again: "false" }, "input again must be true or false (found a string)"],
  [{ ...good, shares: { a: 2 } }, "input shares.a must be a number from 0 to 1 (found a number)"],
  [{ ...good, shares: [1] }, "input shares must be an object (found an array)"],
])("%j: %s", (value, message) => {
  expect(() => parse(parser, value, "input")).toThrow(new TypeError(message));
});

test("a text that is not JSON is refused without quoting it", () => {
  expect(() => parseJson(parser, '{"model": player-1}', "labels.json")).toThrow(
    new TypeError("labels.json is not JSON"),
  );
  expect(parseJson(arrayOf(number()), "[1,2]", "a.json")).toEqual([1, 2]);
});

test("another error than a mismatch is passed on", () => {
  const broken = () => {
    throw new RangeError("broken");
  };
  expect(() => parse(object({ a: broken }), { a: 1 }, "input")).toThrow(RangeError);
});
