import { createRandom } from "../../../../catalogue/datasets/kit/synthetic";
import { PSI } from "../../../../catalogue/drift/bins";
import type { PlayerRow } from "../../../../catalogue/drift/player-rows";
import { binned, readBinned, referenceOf, writeBinned } from "../../../../catalogue/drift/reference";
import { compare, SIGNALS, signalsAbove, type Thresholds } from "../../../../catalogue/drift/signals";

const random = createRandom(42);
const nan = Number.NaN;
const NAMES = ["fine", "skewed", "count", "flag", "gaps", "constant"];
const RISK = { moderate: 0.5, high: 0.75, severe: 0.95 };
const THRESHOLDS = Object.fromEntries(
  Object.entries(SIGNALS).map(([name, { threshold }]) => [name, threshold]),
) as Thresholds;

/** A continuous feature, a skewed one, a count with ties, a rare flag, one that is often missing, a constant. */
const sample = (shift: number): number[] => [
  random.normal(),
  Math.exp(random.normal()) + shift,
  random.integer(0, 3),
  Number(random.chance(0.02)),
  random.chance(0.3) ? nan : random.uniform(),
  1,
];
const rowOf = (features: readonly number[]): PlayerRow => ({
  at: 0,
  features: Float32Array.from(features),
  score: 1 / (1 + Math.exp(-(features[0] as number))),
});
const population = (rows: number, shift = 0) => Array.from({ length: rows }, () => rowOf(sample(shift)));
const changed = (rows: readonly PlayerRow[], column: number, value: number) =>
  rows.map((row) => ({ ...row, features: row.features.with(column, value) }));

const training = population(1000);
const reference = referenceOf(training, RISK);
const kept = training.map((row) => binned(reference, row));
const measured = (rows: readonly PlayerRow[], rowsKept: typeof kept | undefined = undefined) =>
  compare(rows, reference, rowsKept, NAMES);
const above = (rows: readonly PlayerRow[]) => signalsAbove(measured(rows, kept), THRESHOLDS);

test("the reference's own rows are no other population, in any regard", () => {
  const { signals, features } = measured(training, kept);
  for (const found of [...features, signals.score]) {
    expect(found).toMatchObject({ value: expect.closeTo(0, 10), raw: expect.closeTo(0, 10) });
  }
  expect(signals).toMatchObject({
    features: { value: 0 },
    risk: { value: 1 },
    // What tells each row from itself: nothing, or what was learnt by heart of it on the other side.
    domain: { value: 0.5 },
  });
});

test.each([200, 1000])("%d rows of the same population set off no alarm, time and again", (count) => {
  for (let repetition = 0; repetition < 30; repetition += 1) {
    expect(signalsAbove(measured(population(count)), THRESHOLDS)).toEqual([]);
  }
});

test("a shifted feature is found, and it alone", () => {
  const { worst, features } = measured(population(500, 1.5));
  expect(worst[0]?.name).toBe("skewed");
  expect(worst).toHaveLength(5);
  expect(features.filter(({ value }) => value > PSI.major).map(({ name }) => name)).toEqual(["skewed"]);
});

test("a feature that is suddenly missing has drifted, and so has one that suddenly is not", () => {
  const rows = changed(changed(population(500), 0, nan), 4, 0.5);
  const { worst } = measured(rows);
  expect(
    worst
      .slice(0, 2)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(["fine", "gaps"]);
});

describe("each signal sees what the others do not:", () => {
  test("scores that moved within a risk group", () => {
    const rows = population(1000).map((row) => ({ ...row, score: row.score < 0.5 ? row.score / 2 : row.score }));
    expect(signalsAbove(measured(rows), THRESHOLDS)).toEqual(["score"]);
  });

  test("features that the score does not go by", () => {
    const rows = changed(changed(population(1000), 2, 9), 3, 1);
    expect(signalsAbove(measured(rows), THRESHOLDS)).toEqual(["features"]);
  });

  test("a rare risk group that grew to the double", () => {
    const rows = population(3000).map((row, index) => (index % 20 === 0 ? { ...row, score: 0.96 } : row));
    const { risk, score } = measured(rows).signals;
    expect(score?.value).toBeLessThan(THRESHOLDS.score);
    expect(risk?.value).toBeGreaterThan(THRESHOLDS.risk);
    expect(risk?.raw).toBeGreaterThan(2);
  });

  test("a little in several features at once", () => {
    const rows = population(1000).map((row) => {
      const [fine = 0, skewed = 0, count = 0, , gaps = 0] = row.features;
      return { ...row, features: Float32Array.of(fine + 0.25, skewed + 0.1, count, 0, gaps, 1) };
    });
    expect(above(rows)).toEqual(["domain"]);
  });
});

test("fewer players of the highest groups are a change too", () => {
  const rows = population(1000).map((row) => ({ ...row, score: Math.min(row.score, 0.7) }));
  expect(measured(rows).signals.risk?.value).toBeGreaterThan(THRESHOLDS.risk);
});

test("a change of a risk group that may be chance is told as it was estimated", () => {
  const scored = (high: number) =>
    training.slice(0, 100).map((row, index) => ({ ...row, score: index < high ? 0.8 : 0.1 }));
  const few = compare(scored(24), referenceOf(scored(20), RISK), undefined, NAMES).signals.risk;
  expect(few).toEqual({ value: 1, raw: expect.closeTo(24.5 / 20.5, 10) });
});

test("a score that tells no risk has no risk groups, and without kept rows there is no classifier", () => {
  const { signals } = compare(population(300), referenceOf(training, undefined), undefined, NAMES);
  expect([signals.risk, signals.domain]).toEqual([null, null]);
  expect(signalsAbove({ ...measured(training), signals }, THRESHOLDS)).toEqual([]);
});

test("does not depend on the order of the rows", () => {
  const rows = population(300, 0.5);
  expect(measured(rows.toReversed())).toEqual(measured(rows));
});

test("a feature that never had a value: none is no drift, one is", () => {
  const never = referenceOf([rowOf([nan])].concat(Array.from({ length: 999 }, () => rowOf([nan]))), undefined);
  const found = (value: number) =>
    compare(
      Array.from({ length: 200 }, () => rowOf([value])),
      never,
      undefined,
      ["never"],
    ).worst[0];
  expect(found(nan)).toMatchObject({ value: 0, raw: 0 });
  expect(found(3)?.value).toBeGreaterThan(PSI.major);
});

test("no rows have no drift to speak of", () => {
  expect(() => measured([])).toThrow("no rows");
});

test("a binned row is a digit a feature", () => {
  const row = binned(reference, rowOf([nan, 100, 3, 0, nan, 1]));
  expect(writeBinned(row)).toMatch(/^a9[0-9a-f]{4}$/);
  expect(readBinned(writeBinned(row))).toEqual(row);
});
