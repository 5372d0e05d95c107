import fc from "fast-check";
import { csvRow, parseRow, parseScores } from "../../../../../handlers/lib/records/csv";

test("a row is read back as it was written", () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0));
  fc.assert(
    fc.property(fc.array(fc.option(number), { minLength: 1 }), (values) => {
      const fits = (value: number | null) => value !== null && Number.isFinite(Math.fround(value));
      expect(parseRow(csvRow(values))).toEqual(values.map((value) => (fits(value) ? value : null)));
    }),
  );
});

test("a number that is no finite float32 is missing, never 0", () => {
  const values = [null, Number.NaN, 0, Number.POSITIVE_INFINITY, -3.5e38, 0.1 + 0.2];
  expect(csvRow(values)).toBe("nan,nan,0,nan,nan,0.30000000000000004");
});

test("an empty field is read as missing", () => {
  expect(parseRow(",1e-7,,nan,0,")).toEqual([null, 1e-7, null, null, 0, null]);
});

test.each([
  ["one a line, as our container writes", "0.25\n1e-7\n", [0.25, 1e-7]],
  ["with carriage returns", "0.25\r\n0.5\r\n", [0.25, 0.5]],
  ["all on one line, as the built-in container writes", "0.25,0.5,3", [0.25, 0.5, 3]],
  ["one", "0.5", [0.5]],
  ["none", " \n", []],
  ["a gap", "0.5\n\n0.7", [0.5, Number.NaN, 0.7]],
  ["a word", "nan\n0.7", [Number.NaN, 0.7]],
])("scores: %s", (_, body, scores) => {
  expect(parseScores(body)).toEqual(scores);
});
