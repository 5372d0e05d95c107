import fc from "fast-check";
import { LABEL_SOURCES, type Label } from "../../../../catalogue/labels";
import { type Counts, SPLITS, type Split } from "../../../../handlers/shared/run";
import { labelCounts, tally, total } from "../../../../handlers/tally/logic";

const count = fc.nat({ max: 1_000_000 });
const each = <K extends string>(names: readonly K[]) =>
  fc
    .tuple(...names.map(() => count))
    .map((values) => Object.fromEntries(names.map((name, index) => [name, values[index]])) as Record<K, number>);
const counts: fc.Arbitrary<Counts> = fc.record({
  rows: each<Split>(SPLITS),
  positives: each<Split>(SPLITS),
  sources: each<Label["source"]>(LABEL_SOURCES),
  unlabelled: count,
  rejected: count,
  lines: count,
});
const groups = fc.array(counts, { maxLength: 12 });

test("the sum is the same in any order", () => {
  const shuffled = groups.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
  );
  fc.assert(fc.property(shuffled, ([all, other]) => expect(total(other)).toEqual(total(all))));
});

test("the sum is the same however the groups are put together", () => {
  fc.assert(
    fc.property(groups, fc.nat(), (all, cut) => {
      const at = all.length === 0 ? 0 : cut % all.length;
      expect(total([total(all.slice(0, at)), total(all.slice(at))])).toEqual(total(all));
    }),
  );
});

test("every number is the sum of the numbers at its place", () => {
  /** Numbers by path, such as `rows.train`. */
  const flat = (value: object, prefix = ""): [string, number][] =>
    Object.entries(value).flatMap(([key, inner]): [string, number][] =>
      typeof inner === "number" ? [[`${prefix}${key}`, inner]] : flat(inner as object, `${prefix}${key}.`),
    );
  fc.assert(
    fc.property(groups, (all) => {
      const sums = new Map(flat(total([])));
      for (const [path, value] of all.flatMap((one) => flat(one))) sums.set(path, (sums.get(path) as number) + value);
      expect(new Map(flat(total(all)))).toEqual(sums);
    }),
  );
});

const some: Counts = {
  rows: { train: 70, validation: 20, test: 10 },
  positives: { train: 7, validation: 2, test: 1 },
  sources: { operator: 50, labeller: 5, "self-exclusion": 10, observation: 35 },
  unlabelled: 40,
  rejected: 3,
  lines: 143,
};

test("the labelling goes by labelled and unlabelled rows, and by those of the validation split", () => {
  expect(labelCounts(some)).toEqual({ labelled: 100, unlabelled: 40, heldOut: 20, heldOutPositives: 2 });
});

test("the state machine gets the rows of each split, and of them those with label 1", () => {
  const labelling = { mode: "people", reason: "140 records, fewer than 5000" } as const;
  expect(tally(some, labelling)).toEqual({
    rows: { train: 70, validation: 20, test: 10, positives: some.positives, unlabelled: 40, rejected: 3, lines: 143 },
    sources: some.sources,
    labelling,
  });
});
