import { type Case, casesOf, evaluate } from "../../../../catalogue/interventions/evaluation";
import type { Assessment, Evidence } from "../../../../catalogue/interventions/evidence";
import { POLICIES } from "../../../../catalogue/interventions/policies";
import type { Risk } from "../../../../catalogue/risk/risk";
import { randomOf } from "../../handlers/lib/interventions/players";
import { assessment, day, idOf, player, rulesOf } from "./arbitrary";

const scored = (number: number, days: number, risk: Risk, score: number, model = "m"): Assessment =>
  assessment(number, days, risk, { predictions: [{ id: idOf(number), model, modelVersion: "1", score, risk }] });
const casesIn = (entries: readonly Evidence[], holdOutShare = 0) =>
  casesOf({ entries }, { rules: rulesOf(POLICIES.uk, { holdOutShare }), player }, 28);

describe("cases of a player", () => {
  test("are rises of the level, each with the first score long enough after it", () => {
    const entries = [
      scored(1, 0, "low", 0.01),
      scored(2, 1, "moderate", 0.2),
      scored(3, 10, "high", 0.4),
      scored(4, 30, "low", 0.05),
      scored(5, 60, "low", 0.02),
    ];
    expect(casesIn(entries)).toEqual([
      { level: 1, heldOut: false, before: 0.2, after: 0.05 },
      { level: 2, heldOut: false, before: 0.4, after: 0.02 },
    ]);
    expect(casesIn(entries, 1)[0]).toMatchObject({ level: 1, heldOut: true });
  });

  test("are none without a later score of the same model, and none of what people decide", () => {
    expect(casesIn([scored(1, 0, "high", 0.4)])).toEqual([]);
    expect(casesIn([scored(1, 0, "high", 0.4), scored(2, 40, "low", 0.1, "other")])).toEqual([]);
    const raised: Evidence = {
      ...{ kind: "decision", id: idOf(9), at: day(1), review: idOf(8), verdict: "change", level: 2 },
      ...{ seen: "low", held: "unknown", reason: "because" },
    };
    expect(casesIn([scored(1, 0, "low", 0.01), raised, scored(2, 40, "low", 0.1)])).toEqual([]);
    expect(casesIn([])).toEqual([]);
  });
});

describe("the report", () => {
  const of = (heldOut: boolean, changes: readonly number[]): Case[] =>
    changes.map((change) => ({ level: 1, heldOut, before: 0.3, after: 0.3 + change }));

  test("tells what an intervention did by those who were held out, whom chance made better too", () => {
    const [report] = evaluate([...of(false, [-0.2, -0.1, -0.15]), ...of(true, [-0.1, -0.05, -0.06])]);
    expect(report).toMatchObject({ level: 1, treated: { cases: 3, before: 0.3 }, heldOut: { cases: 3 } });
    expect(report?.treated.change).toBeCloseTo(-0.15);
    expect(report?.effect?.difference).toBeCloseTo(-0.08);
    // Two means with errors of 0.0289 and 0.0153.
    expect(report?.effect?.to).toBeCloseTo(-0.08 + 1.96 * Math.hypot(0.028868, 0.015275), 4);
  });

  test("has no effect of what nobody was held out of", () => {
    const [report] = evaluate(of(false, [-0.1, -0.2]));
    expect(report).not.toHaveProperty("effect");
    expect(evaluate([])).toEqual([]);
  });

  test("finds no effect where there is none, but as often as 95 % intervals do", () => {
    const random = randomOf(1);
    const change = () => random() - random();
    const draws = Array.from({ length: 400 }, () => {
      const [report] = evaluate([
        ...of(false, Array.from({ length: 40 }, change)),
        ...of(true, Array.from({ length: 60 }, change)),
      ]);
      const { from = 0, to = 0 } = report?.effect ?? {};
      return from > 0 || to < 0;
    });
    const share = draws.filter(Boolean).length / draws.length;
    expect(share).toBeGreaterThan(0.02);
    expect(share).toBeLessThan(0.09);
  });
});
