import fc from "fast-check";
import { percentileOf, ranksOf } from "../../../../catalogue/risk/percentiles";

const exact = (scores: readonly number[], score: number) =>
  (100 * scores.filter((each) => each < score).length) / scores.length;

test("percentiles are exact for as many players as there are steps, however many share a score", () => {
  const score = fc.constantFrom(0, 0.1, 0.25, 0.5, 1).chain((few) => fc.constantFrom(few, few / 3));
  fc.assert(
    fc.property(fc.array(score, { minLength: 1, maxLength: 60 }), (scores) => {
      const ranks = ranksOf(Float64Array.from(scores), 60);
      return scores.every((each) => percentileOf(ranks, each) === exact(scores, each));
    }),
  );
});

test("for more players they are too low by less than a step, and ranks hold no more scores than steps", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 2, max: 20 }),
      (scores, steps) => {
        const ranks = ranksOf(Float64Array.from(scores), steps);
        const errors = scores.map((each) => exact(scores, each) - (percentileOf(ranks, each) ?? Number.NaN));
        return ranks.scores.length <= steps + 1 && errors.every((error) => error >= 0 && error < 100 / steps);
      },
    ),
  );
});

test("a score that nobody was ranked with has the percentile of the next lower one; of nobody there is none", () => {
  const ranks = ranksOf(Float64Array.from([0.4, 0.1, 0.2, 0.2]));
  expect([0, 0.1, 0.15, 0.2, 0.3, 0.4, 0.9].map((score) => percentileOf(ranks, score))).toEqual([
    0, 0, 0, 25, 25, 75, 75,
  ]);
  expect(percentileOf(ranksOf(new Float64Array(0)), 0.5)).toBeUndefined();
});
