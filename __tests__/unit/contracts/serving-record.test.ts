import { parseServingRecord, SERVING_FIELDS } from "../../../contracts/serving-record";

const parse = (record: unknown) => parseServingRecord(JSON.stringify(record), "modelVersion", "featureHash");

test("a serving record says what serves, and since when unless that is the initial model", () => {
  const initial = { modelVersion: "initial", featureHash: "h" };
  expect(parse({ ...initial, endpointConfigName: "c" })).toEqual(initial);
  const promoted = { modelVersion: "1", featureHash: "h", updatedAt: "2026-11-23T10:00:00.000Z" };
  expect(parse({ ...promoted, artefact: "s3://…" })).toEqual(promoted);
});

test.each([[""], ["null"], ["[]"], ["{}"], ['{"modelVersion":1,"featureHash":"h"}'], ['{"modelVersion":"1"}']])(
  "%j is no serving record",
  (value) => {
    expect(() => parseServingRecord(value, "modelVersion", "featureHash")).toThrow(
      "the serving record is not {modelVersion, featureHash, …}",
    );
  },
);

test.each(SERVING_FIELDS)("whoever needs %s is told when it is not there", (field) => {
  const { [field]: _, ...others } = Object.fromEntries(SERVING_FIELDS.map((each) => [each, "text"]));
  const rest = SERVING_FIELDS.filter((each) => each !== field);
  expect(parseServingRecord(JSON.stringify(others), ...rest)).toEqual(others);
  expect(() => parseServingRecord(JSON.stringify(others), field)).toThrow(`{${field}, …}`);
});
