import fc from "fast-check";
import { TARGETS } from "../../../../catalogue/targets";
import {
  type Evaluation,
  type GateRule,
  impossible,
  judge,
  metricAt,
  type UndecidedAction,
} from "../../../../catalogue/training/gate";

const estimate = (value: number, half: number) => ({ value, low: value - half, high: value + half });

/** The evaluation of a candidate, and what it has more than champion and baselines. */
const evaluation = (candidate: object, champion: object | null = null, differences: object = {}): Evaluation => ({
  data: { rows: 900, positives: 71 },
  candidate: { metrics: candidate },
  champion: champion && { metrics: champion },
  baselines: {
    constant: { metrics: { auroc: { value: 0.5 }, brier: 0.08 } },
    age: { metrics: { auroc: { value: 0.55 }, brier: 0.079 } },
  },
  differences: { champion: null, age: { auroc: estimate(0.25, 0.06) }, ...differences },
});
const good = {
  auroc: estimate(0.8, 0.05),
  alert: { recall: 0.3 },
  logLoss: 0.2,
  calibration: { slope: estimate(1, 0.22), intercept: estimate(0, 0.2) },
  riskGroups: { outside: 0, inWords: "" },
};
const rules = TARGETS["problem-gambling"].defaultGate;

const auroc: GateRule = { metric: "auroc.value", better: "higher", mayLoseToChampion: 0.01 };
const loss: GateRule = { metric: "logLoss", better: "lower", mayLoseToChampion: 0.02, relative: true };
const against = (champion: object) => evaluation(good, good, { champion });

describe("the gate", () => {
  test("promotes a first model that beats every baseline, and says by which numbers", () => {
    const { verdict, reason } = judge(rules, evaluation(good));
    expect(verdict).toBe("promote");
    expect(reason.split("; ").slice(0, 3)).toEqual([
      "auroc.value 0.8 against the bound 0.6",
      'auroc.value 0.8 against the baseline "age" 0.55 by 0.02 (better by 0.25, 0.19 to 0.31)',
      "calibration.slope.value 1 against the bound 0.8",
    ]);
  });

  test.each<[string, GateRule, object, "promote" | "reject" | "undecided"]>([
    ["better", auroc, { auroc: estimate(0.03, 0.02) }, "promote"],
    ["not inferior by the margin", auroc, { auroc: estimate(-0.002, 0.007) }, "promote"],
    ["surely worse, but surely within the margin", auroc, { auroc: estimate(-0.005, 0.004) }, "promote"],
    ["worse", auroc, { auroc: estimate(-0.03, 0.02) }, "reject"],
    ["undecided", auroc, { auroc: estimate(0, 0.02) }, "undecided"],
    ["seemingly better, with few rows", auroc, { auroc: estimate(0.01, 0.03) }, "undecided"],
    ["better where less is better", loss, { logLoss: { relative: estimate(-0.05, 0.03) } }, "promote"],
    ["worse where less is better", loss, { logLoss: { relative: estimate(0.05, 0.03) } }, "reject"],
    ["undecided where less is better", loss, { logLoss: { relative: estimate(0.005, 0.03) } }, "undecided"],
    ["without an interval", auroc, { auroc: { value: 0.2, low: null, high: null } }, "undecided"],
  ])("a candidate that is %s than or as the champion", (_, rule, differences, verdict) => {
    expect(judge([rule], against(differences)).verdict).toBe(verdict);
  });

  test.each<[string, Evaluation, string]>([
    [
      "bound",
      evaluation({ ...good, auroc: estimate(0.55, 0.04) }),
      "auroc.value 0.55 against the bound 0.6: not good enough",
    ],
    [
      "baseline",
      evaluation(good, null, { age: { auroc: estimate(0.01, 0.009) } }),
      'auroc.value 0.8 against the baseline "age" 0.55 by 0.02 (better by 0.01, 0.001 to 0.019): not good enough',
    ],
    [
      "champion",
      against({ auroc: estimate(-0.02, 0.01) }),
      "auroc.value 0.8 against the champion 0.8 less 0.01 (better by -0.02, -0.03 to -0.01): not good enough",
    ],
    [
      "share of the champion's",
      against({ auroc: estimate(0, 0.001), logLoss: { relative: estimate(0.06, 0.05) } }),
      "logLoss 0.2 against the champion 0.2 less 2 % (better by -6 %, -11 % to -1 %): not good enough",
    ],
    [
      "calibration",
      evaluation({ ...good, calibration: { ...good.calibration, slope: estimate(1.6, 0.3) } }),
      "calibration.slope.value 1.6 against the bound 1.25: not good enough",
    ],
    ["unknown metric", evaluation({ ...good, auroc: { value: null } }), "auroc.value of the candidate is not known"],
  ])("rejects by %s", (_, judged, reason) => {
    expect(judge(rules, judged)).toEqual({ verdict: "reject", reason });
  });

  test("rejects by the best baseline, not the first", () => {
    const close: GateRule[] = [{ metric: "auroc.value", better: "higher", beatBaselineBy: 0.4 }];
    expect(judge(close, evaluation(good)).reason).toContain('baseline "age" 0.55 by 0.4');
  });

  test("what is worse decides before what is undecided, in whichever order", () => {
    const differences = { auroc: estimate(0, 0.02), logLoss: { relative: estimate(0.06, 0.05) } };
    for (const order of [
      [auroc, loss],
      [loss, auroc],
    ])
      expect(judge(order, against(differences))).toMatchObject({ verdict: "reject", reason: /^logLoss/ });
  });

  test("a bound that the value misses and the interval reaches is undecided", () => {
    expect(judge(rules, evaluation({ ...good, auroc: estimate(0.58, 0.05) }))).toEqual({
      verdict: "undecided",
      reason:
        "auroc.value 0.58 against the bound 0.6: undecided, about 440 held-out positives would decide, there are 71",
    });
  });

  test.each([
    ["kept while the interval reaches it", estimate(1.3, 0.2), "promote"],
    ["broken once it does not", estimate(1.3, 0.04), "reject"],
    ["kept where there is none", { value: 1.2, low: null, high: null }, "promote"],
  ])("a bound of the calibration is %s", (_, slope, verdict) => {
    const calibration = { ...good.calibration, slope };
    expect(judge(rules, evaluation({ ...good, calibration })).verdict).toBe(verdict);
  });

  test.each<[UndecidedAction, string, RegExp]>([
    [
      "keep-champion",
      "undecided",
      /^auroc\.value .*: undecided, about 280 held-out positives would decide, there are 71$/,
    ],
    ["promote", "promote", /^promoted as configured, though not decided: auroc\.value .*: undecided, about 280 /],
  ])(
    "of %s, an undecided candidate gets the verdict %s, and how much more would decide",
    (undecided, verdict, reason) => {
      const found = judge([auroc], against({ auroc: estimate(0, 0.02) }), undecided);
      expect(found).toEqual({ verdict, reason: expect.stringMatching(reason) });
    },
  );

  test("with as many rows as it asked for, and the same estimate, it decides", () => {
    const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(finite(-0.03, 0.03), finite(0.001, 0.05), (value, half) => {
        const { verdict, reason } = judge([auroc], against({ auroc: estimate(value, half) }));
        fc.pre(verdict === "undecided");
        const wanted = Number(reason.match(/about ([\d.e+]+) held-out/)?.[1]);
        expect(wanted).toBeGreaterThan(71);
        // The number is rounded to two digits.
        const then = half * Math.sqrt(71 / (1.06 * wanted));
        expect(judge([auroc], against({ auroc: estimate(value, then) })).verdict).not.toBe("undecided");
      }),
    );
  });

  test("a group of risk whose observed rate is elsewhere rejects, and the reason says which", () => {
    const inWords = '"high" is from 0.3 to 0.6, and observed were 0.12 (0.07 to 0.198)';
    expect(judge(rules, evaluation({ ...good, riskGroups: { outside: 1, inWords } }))).toEqual({
      verdict: "reject",
      reason: `riskGroups.outside 1 against the bound 0 (${inWords}): not good enough`,
    });
  });

  test("a champion that could not be scored on the same rows decides nothing", () => {
    expect(judge(rules, { ...evaluation(good), champion: { incomparable: "other features" } }).verdict).toBe("promote");
  });

  test("is monotone: a better candidate never fares worse", () => {
    const rank = { reject: 0, undecided: 1, promote: 2 };
    const number = fc.double({ min: -0.1, max: 0.1, noNaN: true });
    fc.assert(
      fc.property(number, number, fc.double({ min: 0, max: 0.1, noNaN: true }), (a, b, half) => {
        const of = (value: number) => rank[judge([auroc], against({ auroc: estimate(value, half) })).verdict];
        expect(of(Math.max(a, b))).toBeGreaterThanOrEqual(of(Math.min(a, b)));
      }),
    );
  });
});

/**
 * The standard error of the paired difference of two models' AUROC around 0.83, whose log odds correlate by 0.9 within a
 * class, times the root of the positives: `npm run bench -- --only decisions` measures it on rows.
 */
const SPREAD = 0.102;

/** How often the gate says what of candidates whose AUROC is better by so much, of 2,000. */
function rates(positives: number, better: number, rule: GateRule) {
  const error = SPREAD / Math.sqrt(positives);
  const verdicts = { promote: 0, reject: 0, undecided: 0 };
  const old = { promote: 0, reject: 0 };
  const draws = 2000;
  for (let i = 0; i < draws; i++) {
    const value = better + error * normalQuantile((i + 0.5) / draws);
    verdicts[judge([rule], against({ auroc: estimate(value, 1.96 * error) })).verdict] += 1 / draws;
    old[value >= -0.01 ? "promote" : "reject"] += 1 / draws;
  }
  return { ...verdicts, old };
}

/** Approximates the quantile of the normal distribution to 4.5e-4: Abramowitz and Stegun, 26.2.23. */
function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  return (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
}

describe("the gate's errors, beside those of a rule that looks at the value alone", () => {
  test.each([
    // positives, worse ones promoted, and by the old rule; equal ones rejected, and by the old rule
    [50, 0.04, 0.16, 0.03, 0.24],
    [200, 0.01, 0.02, 0.03, 0.08],
    [1000, 0.001, 0, 0.03, 0],
  ])("with %d positives", (positives, worse, oldWorse, equal, oldEqual) => {
    const ofWorse = rates(positives, -0.024, auroc);
    const ofEqual = rates(positives, 0, auroc);
    expect(ofWorse.promote).toBeLessThan(worse);
    expect(ofWorse.old.promote).toBeGreaterThanOrEqual(oldWorse);
    expect(ofEqual.reject).toBeLessThan(equal);
    expect(ofEqual.old.reject).toBeGreaterThanOrEqual(oldEqual);
    // What is really better is never thrown away as worse.
    expect(rates(positives, 0.024, auroc).reject).toBeLessThan(0.001);
  });

  test("more positives take what is undecided away", () => {
    const undecided = [50, 200, 1000, 5000].map((positives) => rates(positives, 0, auroc).undecided);
    expect(undecided).toEqual([...undecided].sort((a, b) => b - a));
    expect(undecided[0]).toBeGreaterThan(0.85);
    expect(undecided[2]).toBeLessThan(0.2);
    expect(rates(200, 0.024, auroc).promote).toBeGreaterThan(0.95);
  });
});

test.each<[string, GateRule, string | undefined]>([
  ["a relative margin of an error", loss, undefined],
  ["a relative margin of an area", { ...auroc, relative: true }, "has a relative margin, .* give absolute"],
  [
    "a margin of a slope",
    { metric: "calibration.slope.value", better: "lower", mayLoseToChampion: 0.1 },
    "has an absolute margin, .* give a bound",
  ],
])("%s can be met or cannot", (_, rule, why) => {
  const found = impossible(rule, "problem-gambling");
  if (why === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(new RegExp(why));
});

test.each([
  ["a.b", { a: { b: 1 } }, 1],
  ["a", { a: { b: 1 } }, undefined],
  ["a.b.c", { a: null }, undefined],
])("%s of %j is %s", (path, metrics, value) => {
  expect(metricAt(metrics, path)).toBe(value);
});

describe("the default gate of stakes", () => {
  const stakes = {
    tweedieDeviance: estimate(11.1, 0.9),
    gini: estimate(0.73, 0.02),
    ratioOfSums: estimate(1.02, 0.12),
  };
  const own = { tweedieDeviance: { value: 11.6 }, gini: { value: 0.72 } };
  const judged = (candidate: object, naive: { deviance: object; gini: object }, champion: object = {}) =>
    judge(TARGETS.stake.defaultGate, {
      ...evaluation({ ...stakes, ...candidate }, stakes, {
        own: { tweedieDeviance: { relative: naive.deviance }, gini: naive.gini },
        champion: { tweedieDeviance: { relative: estimate(0, 0.01) }, gini: estimate(0, 0.005), ...champion },
      }),
      data: { rows: 3000 },
      baselines: {
        own: { metrics: own },
        median: { metrics: { tweedieDeviance: { value: 400 }, gini: { value: 0 } } },
      },
    });
  const beaten = { deviance: estimate(-0.045, 0.02), gini: estimate(0.008, 0.006) };

  test("promotes what is better than what players staked before, and as good as the champion", () => {
    expect(judged({}, beaten).verdict).toBe("promote");
  });

  test.each<[string, object, typeof beaten, object, "reject" | "undecided"]>([
    [
      "is not shown to beat the own stake by deviance",
      {},
      { ...beaten, deviance: estimate(-0.01, 0.02) },
      {},
      "undecided",
    ],
    ["is not shown to beat it by Gini", {}, { ...beaten, gini: estimate(0.002, 0.006) }, {}, "undecided"],
    ["is worse than it by deviance", {}, { ...beaten, deviance: estimate(0.05, 0.02) }, {}, "reject"],
    ["ranks worse than it", {}, { ...beaten, gini: estimate(-0.011, 0.006) }, {}, "reject"],
    ["underestimates by a third", { ratioOfSums: estimate(0.66, 0.1) }, beaten, {}, "reject"],
    ["overestimates by a half", { ratioOfSums: estimate(1.5, 0.2) }, beaten, {}, "reject"],
    ["loses to the champion", {}, beaten, { tweedieDeviance: { relative: estimate(0.04, 0.02) } }, "reject"],
  ])("does not promote what %s", (_what, candidate, naive, champion, verdict) => {
    expect(judged(candidate, naive, champion).verdict).toBe(verdict);
  });

  test("does not reject for a ratio of sums that few rows leave open", () => {
    expect(judged({ ratioOfSums: estimate(0.75, 0.1) }, beaten).verdict).toBe("promote");
  });
});
