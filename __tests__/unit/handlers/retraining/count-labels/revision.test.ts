import { createHash } from "node:crypto";
import fc from "fast-check";
import { timeCut } from "../../../../../catalogue/training/out-of-time";
import {
  checkOf,
  IDENTITY_BYTES,
  IdentityCollector,
  identityOf,
  type Use,
} from "../../../../../handlers/lib/records/identities";
import { LEFT_OUT, NOT_ASKED, Revisions } from "../../../../../handlers/lib/records/revisions";
import { type IdentityFile, revise } from "../../../../../handlers/retraining/count-labels/revision";

interface Record {
  readonly player: number;
  readonly asOf: string;
  readonly modified: number;
  readonly use: Use;
}
type Groups = readonly (readonly Record[])[];

const DAY = 86_400_000;
const hash = (player: number) => createHash("sha256").update(`player ${player}`).digest();
const nameOf = (index: number) => `records/${String(index).padStart(3, "0")}.jsonl`;

/** The files of groups of records, in the order of their names. */
function filesOf(groups: Groups) {
  const bodies = new Map<string, Buffer>();
  const files = groups.map((records, index): IdentityFile => {
    const collector = new IdentityCollector();
    records.forEach(({ player, asOf, modified, use }, place) => {
      collector.add(identityOf(hash(player), asOf), modified, place, use);
    });
    bodies.set(nameOf(index), collector.body());
    return { group: nameOf(index), slices: collector.counts };
  });
  const read = async (group: string, start: number, end: number) => (bodies.get(group) as Buffer).subarray(start, end);
  return { files, read };
}

/** What is found of groups: where the second test begins, verdicts by group and place, groups that are prepared again. */
async function found(groups: Groups, options = {}, order = (files: IdentityFile[]) => files) {
  const { files, read } = filesOf(groups);
  const written = new Map<string, Buffer[]>();
  const write = async (group: string, _: number, entries: Buffer) => {
    written.set(group, [...(written.get(group) ?? []), entries]);
  };
  const { cut, groups: again } = await revise(order(files), read, write, options);
  const verdicts = groups.map((records, index) => {
    const revisions = new Revisions(written.get(nameOf(index)) ?? []);
    const all = records.map(({ player, asOf }, place) => revisions.of(place, identityOf(hash(player), asOf)));
    revisions.end();
    return all;
  });
  return { cut, verdicts, again: groups.map((_, index) => again.has(nameOf(index))) };
}

/** The obvious way, which needs all records at once. */
function naive(groups: Groups): Awaited<ReturnType<typeof found>> {
  const instant = ({ asOf }: Record) => Date.parse(asOf);
  const all = groups.flatMap((records, group) => records.map((record, place) => ({ ...record, group, place, record })));
  const places = new Map(
    [...all]
      .sort((a, b) => a.modified - b.modified || a.group - b.group || a.place - b.place)
      .map((each) => [`${each.player} ${instant(each)}`, each]),
  );
  const kept = [...places.values()];
  const days = new Map<number, number>();
  for (const each of kept) {
    const day = Math.floor(instant(each) / DAY);
    if (each.use === "labelled") days.set(day, (days.get(day) ?? 0) + 1);
  }
  const cut = timeCut(days);
  const isLater = (record: Record) => cut.from !== null && instant(record) >= cut.from;
  const counts = ({ use }: Record, later: boolean) => use === "labelled" || (use === "to-train-on" && !later);
  const verdict = (one: (typeof all)[number]) => {
    if (!kept.includes(one)) return LEFT_OUT;
    const same = kept.filter(({ player }) => player === one.player);
    const beside = same.filter((other) => isLater(other) === isLater(one));
    const weigh = (of: (record: Record) => boolean) => {
      const among = beside.filter(of).length;
      return among > 1 ? among : undefined;
    };
    if (one.use === "none") return undefined;
    if (one.use !== "unlabelled") return weigh((record) => counts(record, isLater(record)));
    return same.some((other) => counts(other, isLater(other))) ? NOT_ASKED : weigh(({ use }) => use === "unlabelled");
  };
  const verdicts = groups.map((records, group) =>
    records.map((_, place) =>
      verdict(all.find((each) => each.group === group && each.place === place) as (typeof all)[0]),
    ),
  );
  const again = groups.map((records, group) =>
    records.some((record, place) => verdicts[group]?.[place] !== undefined || isLater(record)),
  );
  return { cut, verdicts, again };
}

const INSTANT = "2026-11-01T00:00:00Z";
const one = (modified: number, asOf = INSTANT, player = 1, use: Use = "labelled"): Record => ({
  player,
  asOf,
  modified,
  use,
});
const of = (player: number, day: number, use: Use = "labelled") =>
  one(7, `2026-10-${String(day).padStart(2, "0")}T12:00:00Z`, player, use);

/** Places that are left out, by group. */
const leftOut = async (groups: Groups) =>
  (await found(groups)).verdicts.map((verdicts) =>
    verdicts.flatMap((verdict, place) => (verdict === LEFT_OUT ? [place] : [])),
  );

test.each<[string, Record[][], number[][]]>([
  ["the object that was written last", [[one(9)], [one(7)], [one(8)]], [[], [0], [0]]],
  ["of those written at once, that of the last key", [[one(7)], [one(7)]], [[0], []]],
  ["of one object, the last line", [[one(7), one(7), one(7)]], [[0, 1]]],
  [
    "of one object, the last line, whatever it is good for",
    [[one(7, INSTANT, 1, "none"), one(7, INSTANT, 1, "unlabelled")]],
    [[0]],
  ],
])("of a player's records of one instant that counts which is in %s", async (_, groups, expected) => {
  expect(await leftOut(groups)).toEqual(expected);
});

test.each([
  ["another offset", "2026-11-01T02:00:00+02:00"],
  ["milliseconds", "2026-11-01T00:00:00.000Z"],
  ["more digits than that", "2026-11-01T00:00:00.000000Z"],
])("an instant is the same with %s", async (_, written) => {
  expect(await leftOut([[one(7)], [one(7, written)]])).toEqual([[0], []]);
});

test.each([
  ["a millisecond later", one(7, "2026-11-01T00:00:00.001Z")],
  ["of another player", one(7, INSTANT, 2)],
])("a record %s is another", async (_, other) => {
  expect(await leftOut([[one(7), other]])).toEqual([[]]);
});

test("the same file under two keys is left out once, and so is every line of it", async () => {
  const file = Array.from({ length: 500 }, (_, player) => one(7, INSTANT, player));
  const [first, second] = await leftOut([file, file]);
  expect([first?.length, second?.length]).toEqual([500, 0]);
});

test("a player's records count once together, on either side of the cut, and one that is alone counts as it is", async () => {
  // So many others that the last two days have 15 % of the records.
  const others = Array.from({ length: 13 }, (_, player) => of(100 + player, 1));
  const { cut, verdicts, again } = await found([
    [of(1, 2), of(1, 3), of(1, 4), of(2, 2)],
    [of(1, 30), of(1, 31), of(2, 31)],
    others,
  ]);
  expect(cut).toEqual({ from: Date.parse("2026-10-30T00:00:00Z") });
  expect(verdicts).toEqual([[3, 3, 3, undefined], [2, 2, undefined], others.map(() => undefined)]);
  expect(again).toEqual([true, true, false]);
});

test("people are asked about nobody who has a label, and records without one count once together", async () => {
  const { verdicts } = await found([
    [of(1, 2), of(1, 3, "unlabelled"), of(2, 3, "unlabelled"), of(3, 3, "unlabelled"), of(3, 4, "unlabelled")],
  ]);
  expect(verdicts).toEqual([[undefined, NOT_ASKED, undefined, 2, 2]]);
});

test("what is good for nothing counts for nothing, and what is only to train on counts before the cut alone", async () => {
  const others = Array.from({ length: 5 }, (_, player) => of(100 + player, 1));
  const { cut, verdicts } = await found([
    [of(1, 2), of(1, 3, "to-train-on"), of(1, 4, "none"), of(1, 30), of(1, 31, "to-train-on")],
    others,
  ]);
  expect(cut.from).toBe(Date.parse("2026-10-30T00:00:00Z"));
  expect(verdicts[0]).toEqual([2, 2, undefined, undefined, undefined]);
});

const record = fc.record({
  player: fc.integer({ min: 0, max: 12 }),
  asOf: fc.constantFrom(
    ...[INSTANT, "2026-11-01T00:00:00.500Z", "2026-11-01T01:00:00+01:00", "2026-10-01T00:00:00Z"],
    ...["2026-09-01T00:00:00Z", "2026-09-02T00:00:00Z", "2026-11-02T23:00:00-02:00"],
  ),
  modified: fc.integer({ min: 5, max: 7 }),
  use: fc.constantFrom<Use>("labelled", "labelled", "labelled", "unlabelled", "to-train-on", "none"),
});
const someGroups = fc.array(fc.array(record, { maxLength: 30 }), { minLength: 1, maxLength: 6 });

test("cut and weights do not depend on how much is compared at a time, nor on the order of the files", async () => {
  await fc.assert(
    fc.asyncProperty(someGroups, fc.integer({ min: 1, max: 100 }), fc.boolean(), async (all, mostAtOnce, reversed) => {
      const order = (files: IdentityFile[]) => (reversed ? files.reverse() : files);
      expect(await found(all, { mostAtOnce }, order)).toEqual(naive(all));
    }),
    { numRuns: 200 },
  );
});

test("cut and weights do not depend on how records are grouped, and those of a player sum to 1 on either side", async () => {
  // Written at different times, so that which duplicate counts does not depend on the groups.
  const records = fc
    .uniqueArray(record, { maxLength: 60, selector: ({ player, asOf }) => `${player} ${Date.parse(asOf)}` })
    .map((all) => all.map((each, index) => ({ ...each, modified: index })));
  await fc.assert(
    fc.asyncProperty(records, fc.integer({ min: 1, max: 7 }), async (all, count) => {
      const together = await found([all]);
      const dealt = Array.from({ length: count }, (_, group) => all.filter((__, index) => index % count === group));
      const apart = await found(dealt);
      expect(apart.cut).toEqual(together.cut);
      expect(all.map((_, index) => apart.verdicts[index % count]?.[Math.floor(index / count)])).toEqual(
        together.verdicts[0],
      );
      const { from } = together.cut;
      const sums = new Map<string, number>();
      for (const [index, { player, asOf, use }] of all.entries()) {
        const isLater = from !== null && Date.parse(asOf) >= from;
        const verdict = together.verdicts[0]?.[index] ?? 1;
        if (use === "none" || (use === "to-train-on" && isLater) || verdict === NOT_ASKED) continue;
        const side = `${player} ${isLater} ${use === "unlabelled"}`;
        sums.set(side, (sums.get(side) ?? 0) + 1 / verdict);
      }
      for (const sum of sums.values()) expect(sum).toBeCloseTo(1, 12);
    }),
    { numRuns: 200 },
  );
});

test("what fits is read once, and what does not twice but for the last, whatever is compared at a time", async () => {
  const file = Array.from({ length: 1_000 }, (_, player) => one(7, INSTANT, player));
  const { files, read } = filesOf([file, file, file]);
  const reading = async (mostAtOnce: number) => {
    const ranges: number[] = [];
    const noting = (group: string, start: number, end: number) => {
      ranges.push(end - start);
      return read(group, start, end);
    };
    await revise(files, noting, async () => {}, { mostAtOnce });
    return ranges;
  };
  const sum = (ranges: readonly number[]) => ranges.reduce((total, each) => total + each, 0);
  const once = 3_000 * IDENTITY_BYTES;
  expect(await reading(3_000)).toEqual([once / 3, once / 3, once / 3]);
  const ranges = await reading(300);
  expect(sum(ranges)).toBeGreaterThan(1.8 * once);
  expect(sum(ranges)).toBeLessThan(2 * once);
  // Of all files a slice or some at a time, of which each has some sixteen.
  expect(Math.max(...ranges)).toBeLessThan(300 * IDENTITY_BYTES);
});

test("entries of a group's files are found by place, whatever their files' order", () => {
  const entries = (...places: readonly number[]) =>
    Buffer.concat(
      places.map((place) => {
        const bytes = Buffer.alloc(12);
        bytes.writeUInt32BE(place);
        bytes.writeUInt32BE(checkOf(hash(place)), 4);
        bytes.writeUInt32BE(place + 2, 8);
        return bytes;
      }),
    );
  const revisions = new Revisions([entries(1, 5), entries(0, 3)]);
  expect([0, 1, 2, 3, 4, 5].map((place) => revisions.of(place, hash(place)))).toEqual([
    2,
    3,
    undefined,
    5,
    undefined,
    7,
  ]);
  revisions.end();
});

test("files are read fifty at a time, however many groups there are", async () => {
  const record: Record = { player: 1, asOf: "2026-01-01T00:00:00Z", modified: 1, use: "labelled" };
  const { files, read } = filesOf(Array.from({ length: 120 }, (_, player) => [{ ...record, player }]));
  let [open, most] = [0, 0];
  const slowly: typeof read = async (...range) => {
    open += 1;
    most = Math.max(most, open);
    await new Promise(setImmediate);
    open -= 1;
    return read(...range);
  };
  await revise(files, slowly, async () => {});
  expect(most).toBe(50);
});
