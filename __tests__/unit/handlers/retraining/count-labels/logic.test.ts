import fc from "fast-check";
import { LABEL_SOURCES, type Label } from "../../../../../catalogue/labelling/outcome-labels";
import { type Counts, type Rejections, SPLITS, type Split } from "../../../../../contracts/run-layout";
import { PlayerMarks } from "../../../../../handlers/lib/records/player-marks";
import { countedLabels, type Demands, labelCounts, total } from "../../../../../handlers/retraining/count-labels/logic";

const count = fc.nat({ max: 1_000_000 });
const each = <K extends string>(names: readonly K[]) =>
  fc
    .tuple(...names.map(() => count))
    .map((values) => Object.fromEntries(names.map((name, index) => [name, values[index]])) as Record<K, number>);
const counts: fc.Arbitrary<Counts> = fc.record({
  rows: each<Split>(SPLITS),
  positives: each<Split>(SPLITS),
  sources: each<Label["source"]>(LABEL_SOURCES),
  operators: fc.uniqueArray(
    fc
      .tuple(
        fc.constantFrom("a", "b", "c"),
        each(["labelled", "positives", "unlabelled", "observed", "observedPositives"]),
      )
      .map(([operator, numbers]) => ({ operator, ...numbers, players: new PlayerMarks().toString() })),
    { selector: ({ operator }) => operator },
  ),
  newlyLabelled: count,
  outOfTime: count,
  unlabelled: count,
  unused: count,
  duplicates: count,
  rejected: count,
  lines: count,
  bytes: count,
  rejectedBytes: count,
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

const byName = (operators: Counts["operators"] = []) =>
  Object.fromEntries(operators.map(({ operator, players: _, ...numbers }) => [`of ${operator}`, numbers]));

test("every number is the sum of the numbers at its place", () => {
  /** Numbers by path, such as `rows.train`. */
  const flat = ({ operators, ...value }: { operators?: Counts["operators"] }, prefix = ""): [string, number][] =>
    Object.entries({ ...value, ...byName(operators) }).flatMap(([key, inner]): [string, number][] =>
      typeof inner === "number" ? [[`${prefix}${key}`, inner]] : flat(inner as object, `${prefix}${key}.`),
    );
  fc.assert(
    fc.property(groups, (all) => {
      const sums = new Map(flat(total([])));
      for (const [path, value] of all.flatMap((one) => flat(one))) sums.set(path, (sums.get(path) ?? 0) + value);
      expect(new Map(flat(total(all)))).toEqual(sums);
    }),
  );
});

const some: Counts = {
  rows: { train: 70, validation: 20, test: 10 },
  positives: { train: 7, validation: 2, test: 1 },
  sources: { operator: 50, labeller: 5, "self-exclusion": 10, observation: 35 },
  operators: [
    { operator: "a", labelled: 100, positives: 10, unlabelled: 40, observed: 45, observedPositives: 4, players: "" },
  ],
  newlyLabelled: 40,
  outOfTime: 15,
  unlabelled: 40,
  unused: 0,
  duplicates: 0,
  rejected: 3,
  lines: 143,
  bytes: 1_430,
  rejectedBytes: 30,
};

test("the labelling goes by labelled and unlabelled rows, the latest among them, and by those of the validation split", () => {
  expect(labelCounts(some)).toEqual({ labelled: 115, unlabelled: 40, heldOut: 20, heldOutPositives: 2 });
});

const labelling = { mode: "people", reason: "140 records, fewer than 5000" } as const;
const DEMANDS: Demands = { toleratedRejectedShare: 0.05, oneSided: "fail" };
const clean: Rejections = {
  reasons: [],
  unusableObjects: 0,
  objects: [],
  repeated: [],
  lacking: { records: 0, of: {} },
};
const reason = (text: string, lines: number) => ({ reason: text, lines, key: "records/a.jsonl", line: 7 });
const missing: Rejections = { ...clean, reasons: [reason("/outcome is missing", 3)] };

test("the state machine gets the rows of each split, and of them those with label 1", () => {
  expect(countedLabels(some, missing, labelling, DEMANDS)).toEqual({
    rows: {
      train: 70,
      validation: 20,
      test: 10,
      positives: some.positives,
      newlyLabelled: 40,
      outOfTime: 15,
      unlabelled: 40,
      unused: 0,
      duplicates: 0,
      rejected: 3,
      lines: 143,
      bytes: 1_430,
      rejectedBytes: 30,
    },
    sources: some.sources,
    labelling,
    records: '143 read, 3 rejected (2.1 % of the bytes): 3 × "/outcome is missing" (first in records/a.jsonl, line 7)',
    unusable: "",
    oneSided: "",
  });
});

test("the most frequent of many reasons are told", () => {
  const reasons = [9, 8, 7, 6].map((lines) => reason(`reason ${lines}`, lines));
  expect(countedLabels(some, { ...clean, reasons }, labelling, DEMANDS).records).toMatch(
    /: 9 × "reason 9" .*, 8 × "reason 8" .*, 7 × "reason 7" \([^)]*\), …$/,
  );
  expect(countedLabels({ ...some, rejected: 0, rejectedBytes: 0 }, clean, labelling, DEMANDS).records).toBe(
    "143 read, none rejected",
  );
});

test("records that were left out are counted, and their first objects named", () => {
  const repeated = [
    { key: "records/a.jsonl", records: 30 },
    { key: "records/b.jsonl", records: 10 },
  ];
  const words = (duplicates: number) =>
    countedLabels({ ...some, rejected: 0, duplicates }, { ...clean, repeated }, labelling, DEMANDS).records;
  const same =
    "left out, because a later one is of the same player and instant: 30 of records/a.jsonl, 10 of records/b.jsonl";
  expect(words(40)).toBe(`143 read, none rejected, 40 ${same}`);
  expect(words(41)).toBe(`143 read, none rejected, 41 ${same}, …`);
});

test("records that lack what the model needs are counted, and what they lack is named", () => {
  const lacking = { records: 40, of: { balance: 35, limits: 12 } };
  const { records } = countedLabels({ ...some, rejected: 0, unused: 42 }, { ...clean, lacking }, labelling, DEMANDS);
  expect(records).toBe(
    "143 read, none rejected, 40 unused, because they lack what the model needs: 35 × balance, 12 × limits",
  );
});

const packed = { key: "records/b.jsonl", problem: "is compressed by zstd; unpack it" };

test.each<[string, Partial<Counts>, Rejections, string]>([
  ["as many as tolerated", { rejected: 5, lines: 100, rejectedBytes: 5, bytes: 100 }, missing, ""],
  [
    "one more",
    { rejected: 6, lines: 100, rejectedBytes: 0, bytes: 100 },
    missing,
    "6 of 100 records cannot be used, 0.0 % of the bytes, more than the tolerated share of 0.05: " +
      '3 × "/outcome is missing" (first in records/a.jsonl, line 7)',
  ],
  [
    "ten lines of 610 that are most of the bytes",
    { rejected: 10, lines: 610, rejectedBytes: 30_000_000, bytes: 33_600_000 },
    missing,
    expect.stringMatching(/^10 of 610 records cannot be used, 89\.3 % of the bytes, more than/) as never,
  ],
  [
    "an object that gives nothing",
    { rejected: 1, lines: 10_000, rejectedBytes: 1, bytes: 10_000 },
    { ...clean, unusableObjects: 1, objects: [packed] },
    "1 of the objects give nothing usable: records/b.jsonl is compressed by zstd; unpack it",
  ],
  [
    "more objects than are named, and too many lines",
    { rejected: 6, lines: 10, rejectedBytes: 6, bytes: 10 },
    { ...missing, unusableObjects: 7, objects: [packed] },
    expect.stringMatching(/^6 of 10 records .*\. 7 of the objects give nothing usable: .*; …$/) as never,
  ],
  ["some records that lack something", {}, { ...clean, lacking: { records: 139, of: { bets: 139 } } }, ""],
  [
    "records that all lack something",
    {},
    { ...clean, lacking: { records: 140, of: { bets: 120, "latest-days": 30 } } },
    "each of the 140 records that can be read lacks what the model needs to judge anybody: 120 × bets, 30 × latest-days. " +
      "Report it, or let the model need less in catalogue/models.ts",
  ],
  ["nothing at all", { rejected: 0, lines: 0, rejectedBytes: 0, bytes: 0 }, clean, ""],
])("what must not be trained on is told in words: %s", (_, counted, rejections, expected) => {
  expect(countedLabels({ ...some, ...counted }, rejections, labelling, DEMANDS).unusable).toEqual(expected);
});
