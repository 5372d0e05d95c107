import { oneSided } from "../../../../catalogue/labelling/one-sided";

const operator = (name: string, observed: number, observedPositives: number, players = observed) => ({
  ...{ operator: name, observed, observedPositives, players },
});
const others = [operator("a", 4000, 200), operator("b", 1000, 40)];
const found = (...operators: readonly ReturnType<typeof operator>[]) =>
  oneSided(operators).map(({ operator: name }) => name);

test.each<[string, number, number, boolean]>([
  ["without any exclusion, of many records", 1000, 0, true],
  ["without any exclusion, of few records", 200, 0, false],
  ["with one", 1000, 1, false],
  ["where everybody excluded themselves", 100, 100, true],
  ["where the only two did", 2, 2, false],
  ["where nearly all did", 100, 99, false],
  ["with nothing observed", 0, 0, false],
])("an operator %s", (_, observed, positives, expected) => {
  expect(found(...others, operator("c", observed, positives))).toEqual(expected ? ["c"] : []);
});

test("nobody can say it of an operator that is alone, nor by others that are as one-sided", () => {
  expect(found(operator("a", 10_000, 0))).toEqual([]);
  expect(found(operator("a", 10_000, 0), operator("b", 10_000, 0))).toEqual([]);
});

test("many records of few players tell no more than the players do", () => {
  expect(found(...others, operator("c", 30_000, 0, 1000))).toEqual(["c"]);
  expect(found(...others, operator("c", 30_000, 0, 100))).toEqual([]);
  expect(found(operator("a", 30_000, 600, 50), operator("c", 900, 0))).toEqual([]);
});

test("few others tell little", () => {
  expect(found(operator("a", 20, 1), operator("b", 2000, 0))).toEqual([]);
});

test("fails a sound operator with a quarter of the others' rate in at most one of a thousand runs", () => {
  // The rarest others can be by chance, and what they are on average.
  for (const rate of [0.01, 0.05, 0.2]) {
    for (const size of [200, 1000, 5000]) {
      const average = [operator("a", 5000, Math.round(5000 * rate))];
      const flagged = found(...average, operator("b", size, 0)).length > 0;
      const chance = (1 - rate / 4) ** size;
      if (flagged) expect(chance).toBeLessThan(0.001);
      // And finds what is ten times less likely.
      if (chance < 0.00001) expect(flagged).toBe(true);
    }
  }
});
