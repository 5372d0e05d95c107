import { gamblingBehaviour } from "../../../../catalogue/datasets/gambling-behaviour";
import { featureHash } from "../../../../catalogue/datasets/kit/dataset";
import { type Model, modelNamed, models } from "../../../../catalogue/models";
import { layoutHash, lessonOf, scaleOf, scalingOf, UNSCALED } from "../../../../catalogue/training/scaling";
import { recordReader } from "../../../../handlers/lib/records/records";

const marketing = modelNamed("gambling-behaviour-marketing");
const risk = modelNamed("gambling-behaviour-problem-gambling");
const scaling = scalingOf(marketing);
const money = { currency: "EUR", rates: new Map([["SEK", 0.125]]), operators: new Map() };
const reader = recordReader(gamblingBehaviour, money, () => Date.parse("2026-11-20T00:00:00Z"));
const options = { seed: 4, players: 1, now: "2026-11-01T00:00:00Z" };
const [record] = [...gamblingBehaviour.generate(options)].map(({ record: { outcome: _, ...rest } }) => rest);
if (record === undefined) throw new Error("the generator makes no player");
const vectorIn = (currency: string) => reader.features({ ...record, currency }).vector;

test("the measure of a record is the mean stake per day of three windows, and half a unit", () => {
  const features = gamblingBehaviour.extract(record);
  const windows = ["stake_per_day_7d", "stake_per_day_30d", "stake_per_day_90d"] as const;
  const mean = windows.reduce((sum, name) => sum + (features[name] ?? 0), 0) / 3;
  expect(mean).toBeGreaterThan(1);
  expect(scaleOf(scaling, vectorIn("EUR"))).toBeCloseTo(mean + 0.5, 10);
  expect(scaleOf(scaling, [])).toBe(0.5);
});

test("an answer for a label brings the label back, in whatever currency a record is", () => {
  for (const [currency, rate] of [
    ["EUR", 1],
    ["SEK", 0.125],
  ] as const) {
    const vector = vectorIn(currency);
    const { answer, weight } = lessonOf(scaling, vector, 80 * rate);
    expect((answer * scaleOf(scaling, vector)) / rate).toBeCloseTo(80, 10);
    // Tweedie's variance of power 1.5.
    expect(weight).toBeCloseTo(Math.sqrt(scaleOf(scaling, vector)), 10);
  }
});

test("a record that says nothing of its measure lacks what the model needs", () => {
  const silent = {
    ...record,
    reported: record.reported.filter((group) => group !== "bets"),
    days: record.days.map(({ bets: _, ...day }) => day),
  };
  const measureOf = (each: typeof record) => {
    const { vector } = reader.features({ ...each, currency: "EUR" });
    return Object.values(scaling.columns).map((column) => vector[column]);
  };
  expect(measureOf(record)).toEqual(Array(3).fill(expect.any(Number)));
  expect(measureOf(silent)).toEqual([null, null, null]);
  expect([record, silent].map((each) => gamblingBehaviour.lacking(each, marketing.needs))).toEqual([[], ["bets"]]);
});

test("of a model without a measure an answer is a score, and each row counts the same", () => {
  expect(scalingOf(risk)).toEqual(UNSCALED);
  expect(lessonOf(UNSCALED, vectorIn("EUR"), 1)).toEqual({ answer: 1, weight: 1 });
  expect(layoutHash(risk)).toBe(featureHash(gamblingBehaviour));
});

test("another measure is another layout, and so are other features", () => {
  const other = { ...marketing, relativeTo: { ...marketing.relativeTo, plus: 1 } } as Model;
  const hashes = [layoutHash(marketing), layoutHash(other), layoutHash(marketing, "other"), layoutHash(risk)];
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("a measure needs features of the dataset and an objective with a log link", () => {
  const measure = { features: ["luck"], plus: 1 };
  expect(() => scalingOf({ ...marketing, relativeTo: measure } as Model)).toThrow(/luck.*gambling-behaviour/);
  expect(() => scalingOf({ ...risk, relativeTo: measure } as Model)).toThrow(/objective of .*problem-gambling/);
});

test("every model's measure is one that its dataset can tell, and above 0", () => {
  for (const model of models) expect(scaleOf(scalingOf(model), [])).toBeGreaterThan(0);
});
