import { parseServingRecord } from "../../../../../handlers/lib/aws/serving-record";

test("a serving record says what serves, and since when unless that is the initial model", () => {
  const initial = { modelVersion: "initial", featureHash: "h" };
  expect(parseServingRecord(JSON.stringify({ ...initial, endpointConfigName: "c" }))).toEqual(initial);
  const promoted = { modelVersion: "1", featureHash: "h", updatedAt: "2026-11-23T10:00:00.000Z" };
  expect(parseServingRecord(JSON.stringify({ ...promoted, artefact: "s3://…" }))).toEqual(promoted);
});

test.each([[""], ["null"], ["[]"], ["{}"], ['{"modelVersion":1,"featureHash":"h"}'], ['{"modelVersion":"1"}']])(
  "%j is no serving record",
  (value) => {
    expect(() => parseServingRecord(value)).toThrow("the serving record is not");
  },
);
