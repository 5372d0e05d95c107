import fc from "fast-check";
import {
  type Baseline,
  type Bins,
  DriftCounter,
  driftOf,
  PSI,
  psi,
  psiByChance,
} from "../../../../catalogue/drift/drift";

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

/** A generator of numbers in [0, 1) that is the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The baseline that an evaluation writes of these rows: up to nine inner edges at the deciles. */
function binsOf(values: readonly (number | null)[]): Bins {
  const present = values.filter((value) => value !== null).toSorted((a, b) => a - b);
  const deciles = Array.from({ length: 9 }, (_, index) => present[Math.floor((present.length * (index + 1)) / 10)]);
  const edges = [...new Set(deciles)].filter(
    (edge): edge is number => edge !== undefined && edge < Math.max(...present),
  );
  const bins = present.map((value) => edges.filter((edge) => value > edge).length);
  return {
    edges,
    shares: [...edges, 0].map((_, bin) => bins.filter((each) => each === bin).length / present.length),
    missing: 1 - present.length / values.length,
  };
}

type Row = readonly (number | null)[];
const baselineOf = (rows: readonly Row[], scores: readonly number[]): Baseline => ({
  rows: rows.length,
  features: (rows[0] ?? []).map((_, column) => binsOf(rows.map((row) => row[column] ?? null))),
  score: binsOf(scores),
});

function measured(baseline: Baseline, rows: readonly Row[], scores: readonly number[], threshold: number = PSI.major) {
  const counter = new DriftCounter(baseline);
  rows.forEach((row, index) => {
    counter.add(row, scores[index] as number);
  });
  return driftOf(
    counter,
    baseline.features.map((_, index) => `f${index}`),
    threshold,
  );
}

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
        const random = seeded(seed);
        const order = one.map((_, index) => ({ index, at: random() })).toSorted((a, b) => a.at - b.at);
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
  test("is what samples of one population have on average", () => {
    const random = seeded(7);
    const shares = (rows: number) => {
      const drawn = Array.from({ length: rows }, () => Math.floor(random() * 10));
      return Array.from({ length: 10 }, (_, bin) => drawn.filter((each) => each === bin).length / rows);
    };
    const values = Array.from({ length: 400 }, () => psi(shares(500), shares(800)));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const expected = psiByChance(10, 500, 800);
    expect(mean / expected).toBeGreaterThan(0.9);
    expect(mean / expected).toBeLessThan(1.15);
  });
});

describe("drift", () => {
  const random = seeded(42);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  /** A continuous feature, a skewed one, a count with ties, a rare flag, one that is often missing, a constant. */
  const sample = (shift = 0): Row => [
    normal(),
    Math.exp(normal()) + shift,
    Math.floor(random() * 4),
    random() < 0.02 ? 1 : 0,
    random() < 0.3 ? null : random(),
    1,
  ];
  const population = (rows: number, shift = 0) => Array.from({ length: rows }, () => sample(shift));
  const scoresOf = (rows: readonly Row[]) => rows.map((row) => 1 / (1 + Math.exp(-(row[0] as number))));
  const training = population(1000);
  const baseline = baselineOf(training, scoresOf(training));

  test.each([
    [200, PSI.major],
    [1000, PSI.notable],
    [5000, PSI.notable],
  ])("%d rows of the same population stay below %d, time and again", (rows, threshold) => {
    for (let repetition = 0; repetition < 30; repetition += 1) {
      const traffic = population(rows);
      const drift = measured(baseline, traffic, scoresOf(traffic), threshold);
      expect([drift.rows, drift.drifted, drift.driftedShare]).toEqual([rows, 0, 0]);
      expect(drift.score.psi).toBeLessThan(threshold);
    }
  });

  test("the baseline's own rows have none at all", () => {
    const drift = measured(baseline, training, scoresOf(training));
    for (const { psi: left, raw } of [...drift.features, drift.score]) {
      expect(left).toBe(0);
      expect(raw).toBeCloseTo(0, 10);
    }
  });

  test("a shifted feature is found, and it alone", () => {
    const traffic = population(500, 1.5);
    const drift = measured(baseline, traffic, scoresOf(traffic));
    expect(drift.worst[0]).toMatchObject({ name: "f1", psi: expect.any(Number) });
    expect(drift.features.filter(({ psi: value }) => value > PSI.major).map(({ name }) => name)).toEqual(["f1"]);
    expect(drift).toMatchObject({ drifted: 1, driftedShare: 1 / 6 });
    expect(drift.worst).toHaveLength(5);
  });

  test("a feature that is suddenly missing has drifted, and so has one that suddenly is not", () => {
    const traffic = population(500).map((row) => [null, ...row.slice(1, 4), 0.5, 1]);
    const drift = measured(
      baseline,
      traffic,
      traffic.map(() => 0.5),
    );
    expect(
      drift.worst
        .slice(0, 2)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(["f0", "f4"]);
    expect(drift.score.psi).toBeGreaterThan(PSI.major);
  });

  test("does not depend on the order of the rows", () => {
    const traffic = population(300, 0.5);
    const scores = scoresOf(traffic);
    const drift = measured(baseline, traffic, scores);
    expect(measured(baseline, traffic.toReversed(), scores.toReversed())).toEqual(drift);
  });

  test("a value on an edge is in the bin below it, one beyond all edges in the last", () => {
    const bins = { edges: [0.1, 0.7], shares: [1 / 3, 1 / 3, 1 / 3], missing: 0 };
    const counter = new DriftCounter({ rows: 3, features: [bins], score: bins });
    for (const value of [-1, 0.1, 0.100001, 0.7, 0.71, Number.POSITIVE_INFINITY, null]) counter.add([value], 0);
    counter.add([], 0);
    expect(counter.features[0]?.counts).toEqual([2, 2, 2, 2]);
  });

  test("a feature that never had a value: none is no drift, one is", () => {
    const never: Baseline = { rows: 1000, features: [{ edges: [], shares: [0], missing: 1 }], score: baseline.score };
    const scores = scoresOf(population(200));
    const rows = (value: number | null) => scores.map(() => [value]);
    expect(measured(never, rows(null), scores).worst[0]).toMatchObject({ psi: 0, raw: 0 });
    expect(measured(never, rows(3), scores).worst[0]?.psi).toBeGreaterThan(PSI.major);
  });

  test("the threshold decides on what has drifted", () => {
    const traffic = population(500, 0.3);
    const scores = scoresOf(traffic);
    const { psi: value } = measured(baseline, traffic, scores).features[1] as { psi: number };
    expect(measured(baseline, traffic, scores, value - 0.001).drifted).toBeGreaterThan(0);
    expect(measured(baseline, traffic, scores, value + 0.001).drifted).toBe(0);
  });

  test("no rows have no drift to speak of", () => {
    expect(() => driftOf(new DriftCounter(baseline), [], PSI.major)).toThrow("no rows");
  });
});
