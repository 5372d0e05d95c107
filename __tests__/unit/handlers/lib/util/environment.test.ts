import {
  bucketOf,
  common,
  integer,
  mapOf,
  nonEmptyString,
  number,
  optional,
  parseEnvironment,
  strings,
  text,
} from "../../../../../handlers/lib/util/environment";

const readers = {
  ...common,
  LIMIT: integer(1, 10),
  SHARE: number(0, 1),
  FUNCTIONS: mapOf(nonEmptyString),
  ENDPOINTS: mapOf(strings("endpoint", "servingParameter")),
};
const complete = {
  ENVIRONMENT: "local",
  LIMIT: "7",
  SHARE: "0.1",
  FUNCTIONS: '{"a":"arn:a"}',
  ENDPOINTS: '{"m":{"endpoint":"e","servingParameter":"/p"}}',
};

test("reads every variable with its type", () => {
  expect(parseEnvironment(readers, complete)).toEqual({
    ENVIRONMENT: "local",
    LOG_LEVEL: "INFO",
    LIMIT: 7,
    SHARE: 0.1,
    FUNCTIONS: new Map([["a", "arn:a"]]),
    ENDPOINTS: new Map([["m", { endpoint: "e", servingParameter: "/p" }]]),
  });
});

test("names everything that is missing at once", () => {
  expect(() => parseEnvironment(readers, { ENVIRONMENT: "" })).toThrow(
    "The function's environment is wrong: ENVIRONMENT is missing; LIMIT is missing; SHARE is missing; FUNCTIONS is missing; ENDPOINTS is missing",
  );
});

test.each([
  ["LIMIT", "11", "LIMIT must be a whole number from 1 to 10"],
  ["LIMIT", "2.5", "LIMIT must be a whole number from 1 to 10"],
  ["LIMIT", "many", "LIMIT must be a whole number from 1 to 10"],
  ["SHARE", "1.1", "SHARE must be a number from 0 to 1"],
  ["SHARE", "some", "SHARE must be a number from 0 to 1"],
  ["FUNCTIONS", "{", "FUNCTIONS must be a JSON object"],
  ["FUNCTIONS", "[]", "FUNCTIONS must be a JSON object"],
  ["FUNCTIONS", "null", "FUNCTIONS must be a JSON object"],
  ["FUNCTIONS", '{"a":1}', "FUNCTIONS a: must be a non-empty string"],
  ["ENDPOINTS", '{"m":{"endpoint":"e"}}', "ENDPOINTS m: must be an object with endpoint, servingParameter"],
  ["ENDPOINTS", '{"m":null}', "ENDPOINTS m: must be an object with endpoint, servingParameter"],
])("%s = %s is refused", (name, value, message) => {
  expect(() => parseEnvironment(readers, { ...complete, [name]: value })).toThrow(message);
});

test("a map may restrict its keys", () => {
  const keys = { TYPES: mapOf(nonEmptyString, ["ml.m5.large"]) };
  expect(() => parseEnvironment(keys, { TYPES: '{"ml.x":"y"}' })).toThrow("has ml.x, which is none of ml.m5.large");
});

test("an optional variable is read when it is set", () => {
  const readers = { A: optional(integer(0, 9), 4) };
  expect(parseEnvironment(readers, {})).toEqual({ A: 4 });
  expect(parseEnvironment(readers, { A: "5" })).toEqual({ A: 5 });
  expect(() => parseEnvironment(readers, { A: "x" })).toThrow("A must be a whole number");
});

test("a map never finds what an object inherits", () => {
  const { M } = parseEnvironment({ M: mapOf(nonEmptyString), T: text }, { M: '{"a":"b"}', T: "t" });
  expect(M.get("__proto__")).toBeUndefined();
  expect(M.get("constructor")).toBeUndefined();
  expect(() => bucketOf("M", M, "constructor")).toThrow("M has no bucket for constructor");
  expect(bucketOf("M", M, "a")).toBe("b");
});
