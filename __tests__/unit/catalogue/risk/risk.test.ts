import fc from "fast-check";
import { atOrAbove, RISK_GROUPS, type Risk, riskGroup, suppressionReason } from "../../../../catalogue/risk/risk";

const thresholds = { moderate: 0.1, high: 0.3, severe: 0.6 };

test.each([
  [0, "low"],
  [0.0999, "low"],
  [0.1, "moderate"],
  [0.2999, "moderate"],
  [0.3, "high"],
  [0.5999, "high"],
  [0.6, "severe"],
  [1, "severe"],
])("score %d is %s", (score, group) => {
  expect(riskGroup(score, thresholds)).toBe(group);
});

test("a higher score is never a lower group", () => {
  const score = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(score, score, (a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      expect(atOrAbove(riskGroup(high, thresholds), riskGroup(low, thresholds))).toBe(true);
    }),
  );
});

describe("suppression", () => {
  const suppression = { model: "risk", from: "high" } as const;
  const answer = (group: Risk | undefined) => (model: string) => (model === "risk" ? group : undefined);

  test.each([
    ["low", undefined],
    ["moderate", undefined],
    ["high", "risk-high-or-above"],
    ["severe", "risk-high-or-above"],
    ["unknown", "risk-unknown"],
    [undefined, "risk-unknown"],
  ] as const)("a player whose risk is %s: %s", (group, reason) => {
    expect(suppressionReason(suppression, answer(group))).toBe(reason);
  });

  test.each([
    ["low", "clear", undefined],
    ["low", "at-risk", "risk-high-or-above-lately"],
    ["moderate", "unknown", "risk-history-unknown"],
    ["high", "clear", "risk-high-or-above"],
    ["severe", "unknown", "risk-high-or-above"],
    ["unknown", "clear", "risk-unknown"],
    ["unknown", "at-risk", "risk-unknown"],
  ] as const)("a player whose risk is %s and whose past is %s: %s", (risk, past, reason) => {
    expect(suppressionReason(suppression, answer(risk), () => past)).toBe(reason);
  });

  test("a model without suppression asks nobody", () => {
    const ask = jest.fn();
    expect(suppressionReason(undefined, ask)).toBeUndefined();
    expect(ask).not.toHaveBeenCalled();
  });

  test("every group below the limit passes and every other is stopped", () => {
    for (const from of RISK_GROUPS) {
      const passed = RISK_GROUPS.filter((group) => !suppressionReason({ model: "risk", from }, answer(group)));
      expect(passed).toEqual(RISK_GROUPS.slice(0, RISK_GROUPS.indexOf(from)));
    }
  });
});
