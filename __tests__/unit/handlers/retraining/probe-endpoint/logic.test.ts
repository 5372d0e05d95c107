import { datasets } from "../../../../../catalogue/datasets";
import { type Model, models } from "../../../../../catalogue/models";
import { assertPlausible, probeRows } from "../../../../../handlers/retraining/probe-endpoint/logic";

test.each(datasets.map((dataset) => [dataset.name, dataset] as const))(
  "probes %s with rows of its features",
  (_, dataset) => {
    const rows = probeRows(dataset);
    expect(rows).toHaveLength(20);
    for (const { features } of rows) expect(features).toHaveLength(dataset.features.length);
    expect(new Set(rows.map(({ features }) => features.join())).size).toBeGreaterThan(10);
  },
);

const risk = models.find(({ target }) => target === "problem-gambling") as Model;
const stake = models.find(({ target }) => target === "stake") as Model;

test.each([
  [risk, [0, 0.5, 1], undefined],
  [risk, [0.5, 1.2], "answered the score 1.2"],
  [risk, [-0.1], "answered the score -0.1"],
  [stake, [0, 12_000], undefined],
  [stake, [-3], "answered the score -3"],
  [stake, [Number.NaN], "answered the score NaN"],
])("scores %# are plausible or named", (model, scores, message) => {
  const judged = () => assertPlausible(model, scores);
  if (message === undefined) expect(judged).not.toThrow();
  else expect(judged).toThrow(message);
});
