import { createHash } from "node:crypto";
import fc from "fast-check";
import { checkOf, IDENTITY_BYTES, IdentityCollector, identityOf } from "../../../../../handlers/lib/records/identities";
import { findDuplicates, type IdentityFile } from "../../../../../handlers/retraining/count-labels/duplicates";

interface Record {
  readonly player: number;
  readonly asOf: string;
  readonly modified: number;
}

const hash = (player: number) => createHash("sha256").update(`player ${player}`).digest();

/** The files of groups of records, in the order of their names. */
function filesOf(groups: readonly (readonly Record[])[]) {
  const bodies = new Map<string, Buffer>();
  const files = groups.map((records, index): IdentityFile => {
    const collector = new IdentityCollector();
    records.forEach(({ player, asOf, modified }, place) => {
      collector.add(identityOf(hash(player), asOf), modified, place);
    });
    const group = `records/${String(index).padStart(3, "0")}.jsonl`;
    bodies.set(group, collector.body());
    return { group, slices: collector.counts };
  });
  const read = async (group: string, start: number, end: number) => (bodies.get(group) as Buffer).subarray(start, end);
  return { files, read };
}

/** Places that are left out, by group. */
async function leftOut(groups: readonly (readonly Record[])[], options = {}, order = (files: IdentityFile[]) => files) {
  const { files, read } = filesOf(groups);
  const found = await findDuplicates(order(files), read, options);
  return groups.map((records, index) => {
    const pairs = found.get(`records/${String(index).padStart(3, "0")}.jsonl`) ?? Buffer.alloc(0);
    return Array.from({ length: pairs.length / 8 }, (_, pair) => {
      const place = pairs.readUInt32BE(8 * pair);
      const { player, asOf } = records[place] as Record;
      expect(pairs.readUInt32BE(8 * pair + 4)).toBe(checkOf(identityOf(hash(player), asOf)));
      return place;
    });
  });
}

/** The obvious way, which needs all records at once. */
function naive(groups: readonly (readonly Record[])[]): number[][] {
  const keyOf = ({ player, asOf }: Record) => `${player} ${Date.parse(asOf)}`;
  const all = groups.flatMap((records, group) => records.map((record, place) => ({ record, group, place })));
  const latest = new Map(
    all
      .sort((a, b) => a.record.modified - b.record.modified || a.group - b.group || a.place - b.place)
      .map(({ record, group, place }) => [keyOf(record), `${group} ${place}`]),
  );
  return groups.map((records, group) =>
    records.flatMap((record, place) => (latest.get(keyOf(record)) === `${group} ${place}` ? [] : [place])),
  );
}

const INSTANT = "2026-11-01T00:00:00Z";
const one = (modified: number, asOf = INSTANT, player = 1): Record => ({ player, asOf, modified });

test.each<[string, Record[][], number[][]]>([
  ["the object that was written last", [[one(9)], [one(7)], [one(8)]], [[], [0], [0]]],
  ["of those written at once, that of the last key", [[one(7)], [one(7)]], [[0], []]],
  ["of one object, the last line", [[one(7), one(7), one(7)]], [[0, 1]]],
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

test("the duplicates found do not depend on how much is compared at a time, nor on the order of the files", async () => {
  const record = fc.record({
    player: fc.integer({ min: 0, max: 30 }),
    asOf: fc.constantFrom(INSTANT, "2026-11-01T00:00:00.500Z", "2026-11-01T01:00:00+01:00", "2026-10-01T00:00:00Z"),
    modified: fc.integer({ min: 5, max: 7 }),
  });
  const groups = fc.array(fc.array(record, { maxLength: 30 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(groups, fc.integer({ min: 1, max: 100 }), fc.boolean(), async (all, mostAtOnce, reversed) => {
      const order = (files: IdentityFile[]) => (reversed ? files.reverse() : files);
      expect(await leftOut(all, { mostAtOnce }, order)).toEqual(naive(all));
    }),
    { numRuns: 200 },
  );
});

test("each identity is read once, whatever is compared at a time", async () => {
  const file = Array.from({ length: 1_000 }, (_, player) => one(7, INSTANT, player));
  const { files, read } = filesOf([file, file, file]);
  const ranges: number[] = [];
  await findDuplicates(
    files,
    (group, start, end) => {
      ranges.push(end - start);
      return read(group, start, end);
    },
    { mostAtOnce: 300 },
  );
  expect(ranges.reduce((sum, each) => sum + each, 0)).toBe(3_000 * IDENTITY_BYTES);
  expect(ranges.length).toBeGreaterThan(20);
  // Of all files a slice or some at a time, of which each has some sixteen.
  expect(Math.max(...ranges)).toBeLessThan(300 * IDENTITY_BYTES);
});

test("more than can be left out are refused with what to do", async () => {
  const file = Array.from({ length: 20 }, (_, player) => one(7, INSTANT, player));
  await expect(leftOut([file, file], { mostDuplicates: 10 })).rejects.toThrow(
    "more than 10 records came more than once, some of them in records/000.jsonl and the objects after it; remove the objects that were delivered twice",
  );
});
