import { gamblingBehaviour } from "../../../../../catalogue/datasets/gambling-behaviour";
import { ONE_CURRENCY } from "../../../../../catalogue/datasets/kit/money";
import { recordReader } from "../../../../../handlers/lib/records/records";
import { gamblingBehaviourRecord as base } from "../../../catalogue/datasets/records";

const reader = recordReader(
  gamblingBehaviour,
  { currency: "EUR", rates: new Map([["SEK", 0.125]]), operators: new Map() },
  () => Date.parse("2026-11-01T00:00:00Z"),
);

test("features in money are in the models' currency, all others are what they are", () => {
  const [kronor, euros] = ["SEK", "EUR"].map((currency) => reader.features({ ...base, currency }).vector);
  gamblingBehaviour.features.forEach(({ name, unit }, index) => {
    const value = euros?.[index] as number | null;
    expect([name, kronor?.[index]]).toEqual([name, value !== null && unit === "money" ? value * 0.125 : value]);
  });
  expect(euros).toEqual(recordReader(gamblingBehaviour, ONE_CURRENCY).features(base).vector);
});

test.each<[string, object, RegExp]>([
  ["none where there are several", {}, /is missing; say which of EUR, SEK/],
  ["another", { currency: "NOK" }, /must be one of EUR, SEK/],
  ["no code", { currency: "kr" }, /must match pattern/],
])("a record in %s currency is refused at /currency, and never read", (_, changes, message) => {
  const record = { ...base, ...changes };
  expect(reader.check(record)).toEqual([{ pointer: "/currency", message: expect.stringMatching(message) }]);
  if (!("currency" in changes && changes.currency === "kr")) expect(() => reader.features(record)).toThrow();
});

test("a record in a currency of the system's is accepted", () => {
  expect(reader.check({ ...base, currency: "SEK" })).toEqual([]);
  expect(reader.currency({ ...base, currency: "SEK" })).toEqual({ code: "SEK", rate: 0.125 });
});
