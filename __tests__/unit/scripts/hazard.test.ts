import { modelNamed } from "../../../catalogue/models";
import { OPERATORS } from "../../../scripts/bench/simulations/hazard/operators";
import { rowsOf } from "../../../scripts/bench/simulations/hazard/rows";

const idOf = (name: string) => name.replace(/\W+/g, "-");

describe.each(["gambling-behaviour", "before-initial-deposit"] as const)("the world of hazards of %s", (world) => {
  const rows = rowsOf(modelNamed(`${world}-problem-gambling`), world);

  test("has records that are taken as they are, and labels of all who say what is needed and until when they watched", async () => {
    const { counts, parts } = await rows.prepared(24);
    expect([counts.rejected, counts.duplicates]).toEqual([0, 0]);
    const labelled = counts.operators.flatMap(({ operator, labelled: labels }) => (labels > 0 ? [operator] : []));
    const telling = rows.judged.filter(({ habit }) => habit !== "watch-left-out");
    expect(labelled).toEqual(telling.map(({ name }) => idOf(name)).sort());
    const splits = new Set(parts.map(({ key }) => key.split("/")[0]));
    expect(splits).toContain("train");
    expect(splits).toContain("validation");
  });

  test("has players to score of every operator but one that leaves out what the model needs, the same of the same seed", () => {
    const scored = rows.withTruth(3, 7);
    expect(scored).toEqual(rows.withTruth(3, 7));
    expect(new Set(scored.map((row) => row.split(",")[1])).size).toBe(rows.judged.length);
    expect(OPERATORS.filter((operator) => !rows.judged.includes(operator)).map(({ name }) => name)).toEqual([
      "deposits and bets alone, no browsing",
    ]);
    for (const row of scored) {
      const probability = Number(row.split(",")[0]);
      expect([probability, probability >= 0 && probability <= 1]).toEqual([probability, true]);
    }
  });
});
