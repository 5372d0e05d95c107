import { readEnvironment, writeVariable } from "../../../contracts/environment";
import { entryOf } from "../../../handlers/lib/util/environment";

const complete = {
  ENVIRONMENT: "local",
  LOG_LEVEL: "INFO",
  CLIENT_OPERATORS: '{"key":["o-1","o-2"]}',
  PREPROCESS_FUNCTIONS: '{"a":"arn:a"}',
  PREDICT_FUNCTION: "arn:p",
  MAX_RECORDS: "7",
  MAX_BODY_BYTES: "4096",
  REQUEST_BUDGET_MS: "900",
};
const read = (changes: Readonly<Record<string, string>>) => readEnvironment("filter", { ...complete, ...changes });

test("reads a function's variables, each with its type, and no others", () => {
  expect(read({ ENDPOINTS: "{}" })).toEqual({
    ENVIRONMENT: "local",
    LOG_LEVEL: "INFO",
    CLIENT_OPERATORS: new Map([["key", ["o-1", "o-2"]]]),
    PREPROCESS_FUNCTIONS: new Map([["a", "arn:a"]]),
    PREDICT_FUNCTION: "arn:p",
    MAX_RECORDS: 7,
    MAX_BODY_BYTES: 4096,
    REQUEST_BUDGET_MS: 900,
  });
});

test("reads what was written", () => {
  const { PREPROCESS_FUNCTIONS, MAX_RECORDS } = read({
    PREPROCESS_FUNCTIONS: writeVariable("PREPROCESS_FUNCTIONS", { b: "arn:b" }),
    MAX_RECORDS: writeVariable("MAX_RECORDS", 12),
  });
  expect([[...PREPROCESS_FUNCTIONS], MAX_RECORDS]).toEqual([[["b", "arn:b"]], 12]);
});

test("tells everything that is wrong at once", () => {
  expect(() => readEnvironment("filter", { ENVIRONMENT: "", LOG_LEVEL: "INFO", MAX_RECORDS: "0" })).toThrow(
    "The environment of filter is wrong: ENVIRONMENT is missing; CLIENT_OPERATORS is missing; " +
      "PREPROCESS_FUNCTIONS is missing; PREDICT_FUNCTION is missing; MAX_RECORDS must be a whole number from 1 to 1000 (found a number); " +
      "MAX_BODY_BYTES is missing; REQUEST_BUDGET_MS is missing",
  );
});

test.each([
  ["MAX_RECORDS", "1001", "MAX_RECORDS must be a whole number from 1 to 1000"],
  ["MAX_RECORDS", "2.5", "MAX_RECORDS must be a whole number from 1 to 1000"],
  ["MAX_RECORDS", "many", "MAX_RECORDS must be a whole number from 1 to 1000 (found no number)"],
  ["LOG_LEVEL", "LOUD", "LOG_LEVEL must be one of DEBUG, INFO, WARN, ERROR"],
  ["PREPROCESS_FUNCTIONS", "{", "PREPROCESS_FUNCTIONS is not JSON"],
  ["PREPROCESS_FUNCTIONS", "[]", "PREPROCESS_FUNCTIONS must be an object (found an array)"],
  ["PREPROCESS_FUNCTIONS", "null", "PREPROCESS_FUNCTIONS must be an object (found null)"],
  ["PREPROCESS_FUNCTIONS", '{"a":1}', "PREPROCESS_FUNCTIONS a must be a non-empty string (found a number)"],
  ["PREPROCESS_FUNCTIONS", '{"a":""}', "PREPROCESS_FUNCTIONS a must be a non-empty string (found an empty string)"],
])("%s = %s is refused", (name, value, message) => {
  expect(() => read({ [name]: value })).toThrow(message);
});

test("a share is within 0 and 1, and what may be unset has a value then", () => {
  const predict = {
    ENVIRONMENT: "local",
    LOG_LEVEL: "INFO",
    ENDPOINTS: "{}",
    ENDPOINT_TIMEOUT_MS: "100",
    SERVING_PARAMETERS: "{}",
    SERVING_FRESH_SECONDS: "1",
    ASSESSMENT_TABLE: "assessments",
    RISK_MEMORY_DAYS: "30",
    PLAYER_TABLE: "players",
    MARKETING_RULES: "{}",
    EVENT_BUS: "events",
    UNPUBLISHED_QUEUE: "https://queue",
  };
  expect(readEnvironment("predict", predict)).toMatchObject({ CAPTURE_SHARE: 0, CAPTURE_STREAMS: new Map() });
  expect(readEnvironment("predict", { ...predict, CAPTURE_SHARE: "0.1" })).toMatchObject({ CAPTURE_SHARE: 0.1 });
  for (const CAPTURE_SHARE of ["1.1", "some"]) {
    expect(() => readEnvironment("predict", { ...predict, CAPTURE_SHARE })).toThrow(
      "CAPTURE_SHARE must be a number from 0 to 1",
    );
  }
});

test("a map never finds what an object inherits", () => {
  const environment = read({});
  expect(environment.PREPROCESS_FUNCTIONS.get("__proto__")).toBeUndefined();
  expect(() => entryOf(environment, "PREPROCESS_FUNCTIONS", "constructor")).toThrow(
    "PREPROCESS_FUNCTIONS has no entry for constructor",
  );
  expect(entryOf(environment, "PREPROCESS_FUNCTIONS", "a")).toBe("arn:a");
});
