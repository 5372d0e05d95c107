import { models } from "../../../catalogue/models";
import { isScore, TARGETS, type Target } from "../../../catalogue/targets";
import { GATE_METRICS, impossible } from "../../../catalogue/training/gate";
import { layoutHash } from "../../../catalogue/training/scaling";
import { type ModelPorts, predict } from "../../../handlers/api/predict/logic";
import { assertPlausible } from "../../../handlers/retraining/probe-endpoint/logic";

const targets = Object.keys(TARGETS) as Target[];
const ODD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -Number.MIN_VALUE, -3];
const EDGES = [0, 0.5, 1, 1 + Number.EPSILON, 12_000, Number.MAX_VALUE];

test.each(targets)(
  "a probe lets an endpoint pass with just those scores of a %s that predict serves",
  async (target) => {
    const found = models.find((model) => model.target === target);
    if (!found) throw new Error(`no model has the target ${target}`);
    const { suppression: _, ...model } = found;
    const row = (index: number) => ({
      ...{ index, playerId: "p", operatorId: "o", asOf: "2026-11-01T00:00:00Z", features: [], markers: [] },
    });
    const scores = [...ODD, ...EDGES];
    const ports: ModelPorts = {
      model,
      scores: async () => scores,
      serving: async () => ({ modelVersion: "1", featureHash: layoutHash(model, "hash") }),
    };
    const rows = scores.map((_score, index) => row(index));
    const { predictions, errors } = await predict(
      { requestId: "r", dataset: model.dataset, featureHash: "hash", rows },
      [ports],
    );
    const passes = (score: number) => {
      try {
        assertPlausible(model, [score]);
        return true;
      } catch {
        return false;
      }
    };
    const sound = scores.flatMap((score, index) => (passes(score) ? [index] : []));
    expect(predictions.map(({ index }) => index)).toEqual(sound);
    expect(predictions.map(({ score }) => score)).toEqual(sound.map((index) => scores[index]));
    expect(errors).toHaveLength(scores.length - sound.length);
    expect(ODD.filter((score) => isScore(score, target))).toEqual([]);
    expect(isScore(0, target)).toBe(true);
  },
);

test.each(targets)(
  "the default gate of a %s is about metrics that its evaluation has, within their ranges",
  (target) => {
    const { defaultGate, task } = TARGETS[target];
    expect(defaultGate.length).toBeGreaterThan(0);
    for (const rule of defaultGate) {
      expect(Object.keys(GATE_METRICS[task])).toContain(rule.metric);
      expect(impossible(rule, target)).toBeUndefined();
    }
  },
);

test("models whose target tells a risk have thresholds for it, and no others have", () => {
  for (const { name, target, riskThresholds } of models) {
    expect([name, riskThresholds !== undefined]).toEqual([name, TARGETS[target].tellsRisk]);
  }
});
