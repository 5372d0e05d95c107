import fc from "fast-check";
import { createRandom } from "../../../../catalogue/datasets/kit/synthetic";
import { binOf, binShares, binsOf, PSI, psi, psiByChance } from "../../../../catalogue/drift/bins";

/** Shares of `bins` bins that sum to 1. */
const sharesOf = (bins: number) =>
  fc
    .array(fc.nat(1000), { minLength: bins, maxLength: bins })
    .filter((counts) => counts.some((count) => count > 0))
    .map((counts) => {
      const sum = counts.reduce((total, count) => total + count, 0);
      return counts.map((count) => count / sum);
    });
const pairOfShares = fc.integer({ min: 1, max: 12 }).chain((bins) => fc.tuple(sharesOf(bins), sharesOf(bins)));

describe("psi", () => {
  test("of a worked example", () => {
    expect(psi([0.5, 0.5], [0.75, 0.25])).toBeCloseTo(0.25 * Math.log(1.5) - 0.25 * Math.log(0.5), 12);
  });

  test("is 0 for equal, symmetric, never negative and always finite", () => {
    fc.assert(
      fc.property(pairOfShares, ([one, other]) => {
        expect(psi(one, one)).toBe(0);
        const value = psi(one, other);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeCloseTo(psi(other, one), 10);
        expect(Number.isFinite(value)).toBe(true);
      }),
    );
  });

  test("does not depend on the order of the bins", () => {
    fc.assert(
      fc.property(pairOfShares, fc.nat(), ([one, other], seed) => {
        const random = createRandom(seed);
        const order = one.map((_, index) => ({ index, at: random.uniform() })).toSorted((a, b) => a.at - b.at);
        const permuted = (shares: readonly number[]) => order.map(({ index }) => shares[index] as number);
        expect(psi(permuted(one), permuted(other))).toBeCloseTo(psi(one, other), 10);
      }),
    );
  });

  test("grows with the shift", () => {
    const values = [0.5, 0.6, 0.7, 0.8, 0.9, 1].map((share) => psi([0.5, 0.5], [share, 1 - share]));
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(values[1]).toBeLessThan(PSI.notable);
    expect(values[5]).toBeGreaterThan(PSI.major);
  });

  test("distributions over other bins are refused", () => {
    expect(() => psi([1], [0.5, 0.5])).toThrow("1 bins cannot be compared with 2");
  });
});

describe("psi by chance", () => {
  test("is what one in a hundred samples of a population exceeds", () => {
    const random = createRandom(7);
    const shares = (rows: number) => {
      const counts = new Array<number>(10).fill(0);
      for (let row = 0; row < rows; row += 1) (counts[random.integer(0, 9)] as number) += 1;
      return counts.map((count) => count / rows);
    };
    const values = Array.from({ length: 1000 }, () => psi(shares(500), shares(800)));
    const exceeding = values.filter((value) => value > psiByChance(10, 500, 800)).length;
    expect(exceeding).toBeGreaterThan(2);
    expect(exceeding).toBeLessThan(25);
  });

  test("has the quantiles of the chi-squared distribution, and is none of a single bin", () => {
    const quantile = (bins: number) => psiByChance(bins, 2, 2);
    expect([quantile(1), quantile(0)]).toEqual([0, 0]);
    expect(quantile(2)).toBeCloseTo(6.635, 0);
    expect(quantile(10)).toBeCloseTo(21.666, 1);
    expect(quantile(11)).toBeCloseTo(23.209, 1);
  });
});

const nan = Number.NaN;

describe("bins of values", () => {
  // What vwt_evaluate.distributions.distribution makes of the same values.
  test.each<[string, number[], ReturnType<typeof binsOf>]>([
    [
      "with ties and missing values",
      [1, 1, 2, 3, 5, 8, 13, nan, nan, 1],
      {
        edges: [1.0000000596046448, 2.0000001192092896, 3.0000001192092896, 5.000000238418579, 8.000000476837158],
        shares: [0.375, 0.125, 0.125, 0.125, 0.125, 0.125],
        missing: 0.2,
      },
    ],
    ["of a rare flag", [...Array(19).fill(0), 1], { edges: [7.006492321624085e-46], shares: [0.95, 0.05], missing: 0 }],
    [
      "that are negative thirds",
      [-1 / 3, -2 / 3, -1, -4 / 3, -5 / 3],
      {
        edges: [-1.666666567325592, -1.3333333134651184, -0.9999999701976776, -0.6666666567325592],
        shares: [0.2, 0.2, 0.2, 0.2, 0.2],
        missing: 0,
      },
    ],
    [
      "with zeros of both signs",
      [0, -0, 1, 0.1],
      { edges: [7.006492321624085e-46, 0.10000000521540642], shares: [0.5, 0.25, 0.25], missing: 0 },
    ],
    [
      "at the ends of 32 bits",
      [3.4028234663852886e38, -3.4028234663852886e38, 1e-45, 0],
      {
        edges: [-3.4028233649732406e38, 7.006492321624085e-46, 2.1019476964872256e-45],
        shares: [0.25, 0.25, 0.25, 0.25],
        missing: 0,
      },
    ],
    ["that are always missing", [nan, nan], { edges: [], shares: [0], missing: 1 }],
    ["that are all the same", [7, 7], { edges: [7.000000238418579], shares: [1, 0], missing: 0 }],
  ])("%s are those of the evaluation", (_, values, expected) => {
    const found = binsOf(Float32Array.from(values));
    expect(found.edges).toEqual(expected.edges);
    found.shares.forEach((share, bin) => {
      expect(share).toBeCloseTo(expected.shares[bin] as number, 12);
    });
    expect(found.missing).toBeCloseTo(expected.missing, 12);
  });

  test("have shares that are none of more than all", () => {
    expect(binsOf(new Float32Array(1000).fill(7)).shares).toEqual([1, 0]);
  });

  test("hold the values that counted for them", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.float(), fc.integer({ min: 0, max: 3 })), { minLength: 1 }), (values) => {
        const singles = Float32Array.from(values);
        const bins = binsOf(singles);
        const counts = binShares(bins).map(() => 0);
        for (const value of singles) counts[binOf(bins, value)] = (counts[binOf(bins, value)] as number) + 1;
        binShares(bins).forEach((share, bin) => {
          expect(share).toBeCloseTo((counts[bin] as number) / values.length, 9);
        });
      }),
    );
  });

  test("a value on an edge is in the bin below it, one beyond all edges in the last but that of missing values", () => {
    const bins = { edges: [0.1, 0.7], shares: [1 / 3, 1 / 3, 1 / 3], missing: 0 };
    const found = [-1, 0.1, 0.100001, 0.7, 0.71, Number.POSITIVE_INFINITY, nan].map((value) => binOf(bins, value));
    expect(found).toEqual([0, 0, 1, 1, 2, 2, 3]);
  });
});
