import fc from "fast-check";
import { change, ratio } from "../../../../catalogue/datasets/kit/feature-table";
import {
  auc,
  bayesAuc,
  createRandom,
  sigmoid,
  trueProbability,
  upTo,
} from "../../../../catalogue/datasets/kit/synthetic";
import { dateOfDay, dayOfDate, dayOfInstant } from "../../../../catalogue/datasets/kit/time";

const draws = (seed: number, stream: number, count: number) => {
  const random = createRandom(seed, stream);
  return Array.from({ length: count }, () => random.uniform());
};
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const many = <T>(draw: () => T) => Array.from({ length: 20_000 }, draw);

describe("chance", () => {
  test("is the same for the same seed and stream, and different for others", () => {
    expect(draws(1, 2, 50)).toEqual(draws(1, 2, 50));
    const firsts = [draws(1, 2, 4), draws(2, 1, 4), draws(1, 3, 4), draws(2, 2, 4)].map(String);
    expect(new Set(firsts).size).toBe(4);
  });

  test("has the moments of its distributions", () => {
    const random = createRandom(42);
    expect(mean(many(random.uniform))).toBeCloseTo(0.5, 1);
    expect(mean(many(() => random.normal(3, 2)))).toBeCloseTo(3, 1);
    expect(Math.sqrt(mean(many(() => random.normal(0, 2) ** 2)))).toBeCloseTo(2, 1);
    expect(mean(many(() => random.exponential(4))) / 4).toBeCloseTo(1, 1);
    expect(mean(many(() => random.poisson(1.5)))).toBeCloseTo(1.5, 1);
    expect(mean(many(() => Math.log(random.logNormal(5, 1))))).toBeCloseTo(Math.log(5), 1);
    expect(mean(many(() => Number(random.pick({ a: 3, b: 1 }) === "a")))).toBeCloseTo(0.75, 1);
    expect(new Set(many(() => random.integer(2, 4)))).toEqual(new Set([2, 3, 4]));
    expect(many(() => random.between(-1, 3)).filter((value) => !(value >= -1 && value < 3))).toEqual([]);
  });

  test("of neighbouring streams is uncorrelated", () => {
    const firsts = Array.from({ length: 5000 }, (_, stream) => draws(1, stream, 1)[0] as number);
    const products = firsts.slice(1).map((value, index) => (value - 0.5) * ((firsts[index] as number) - 0.5));
    expect(Math.abs(mean(products) * 12)).toBeLessThan(0.05);
  });
});

describe("AUC", () => {
  test.each([
    [[0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1], 1],
    [[0.1, 0.2, 0.3, 0.4], [1, 1, 0, 0], 0],
    [[0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1], 0.75],
    [[0.5, 0.5, 0.5], [0, 1, 1], 0.5],
    [[0.5, 0.5, 0.9], [0, 1, 1], 0.75],
  ])("of %j for %j", (scores, labels, expected) => {
    expect(auc(scores, labels)).toBe(expected);
  });

  test("of true probabilities is what drawn labels show", () => {
    const random = createRandom(3);
    const probabilities = many(() => sigmoid(random.normal(-2, 1.2)));
    const labels = probabilities.map((probability) => Number(random.chance(probability)));
    expect(Math.abs(bayesAuc(probabilities) - auc(probabilities, labels))).toBeLessThan(0.015);
    expect(bayesAuc([0.2, 0.2, 0.2])).toBe(0.5);
  });
});

test("the true model adds effects and interactions, and nothing for an unknown feature", () => {
  const model = {
    intercept: -1,
    effects: [
      { feature: "a" as const, weight: 2, shape: upTo(4) },
      { feature: "b" as const, weight: 1, shape: upTo(1) },
    ],
    interactions: [{ features: ["a", "b"] as const, weight: 0.5 }],
  };
  expect(trueProbability(model, { a: 2, b: 0.5 })).toBeCloseTo(sigmoid(-1 + 1 + 0.5 + 0.5), 12);
  expect(trueProbability(model, { a: 8, b: null })).toBeCloseTo(sigmoid(-1 + 2), 12);
  expect(trueProbability(model, { a: null, b: null })).toBeCloseTo(sigmoid(-1), 12);
});

describe("days", () => {
  test("agree with Date for every date", () => {
    fc.assert(
      fc.property(fc.integer({ min: -200_000, max: 200_000 }), (day) => {
        const date = dateOfDay(day);
        expect(dayOfDate(date)).toBe(day);
        expect(dayOfInstant(`${date}T23:59:59Z`)).toBe(day);
      }),
      { numRuns: 500 },
    );
    expect(dayOfDate("1970-01-01")).toBe(0);
    expect(dayOfDate("2024-02-29") + 1).toBe(dayOfDate("2024-03-01"));
  });
});

describe("quotients", () => {
  test.each([
    [1, 4, 0.25],
    [0, 4, 0],
    [1, 0, null],
    [1, -0, null],
    [null, 4, null],
    [1, undefined, null],
    [1e9, 5e-324, null],
  ])("%p / %p", (part, whole, expected) => {
    expect(ratio(part, whole)).toBe(expected);
  });

  test.each([
    [3, 1, 0.5],
    [1, 0, 1],
    [0, 1, -1],
    [0, 0, null],
    [null, 1, null],
  ])("change to %p from %p", (recent, earlier, expected) => {
    expect(change(recent, earlier)).toBe(expected);
  });
});
