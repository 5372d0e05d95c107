import fc from "fast-check";
import { timeCut } from "../../../../catalogue/training/out-of-time";

const DAY = 86_400_000;
/** Records of days that follow each other, from 2026-01-01 on. */
const FIRST = Date.parse("2026-01-01T00:00:00Z") / DAY;
const cutOf = (...records: readonly number[]) =>
  timeCut(new Map(records.map((count, index) => [FIRST + index, count])));
/** The number of the day, from 0, that the cut is at. */
const dayOf = (...records: readonly number[]) => {
  const { from } = cutOf(...records);
  return from === null ? null : from / DAY - FIRST;
};

test.each<[string, number[], number]>([
  ["100 days alike", Array(100).fill(7), 85],
  ["twelve months, of which two are nearer than one", Array(12).fill(1000), 10],
  ["a quarter of four snapshots", [10, 10, 10, 10], 3],
  ["a busy day before the last, which would be too much", [60, 35, 5], 2],
  ["days without labels among them", [85, 0, 0, 15], 3],
])("cuts where about 15 %% begin: %s", (_, records, day) => {
  expect(dayOf(...records)).toBe(day);
});

test.each<[string, number[], string]>([
  ["no label", [], "no record has a label"],
  ["one day", [40], "all labelled records are of one day, 2026-01-01"],
  [
    "a last day of too many",
    [60, 40],
    "40 % of the labelled records are of the last day, 2026-01-02, and 30 % at most are left out of training",
  ],
])("says why there is nothing to test with: %s", (_, records, why) => {
  expect(cutOf(...records)).toEqual({ from: null, why });
});

test("never more than 30 %, no other day is nearer to 15 %, and the order of the days does not matter", () => {
  const days = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 50 })), { maxLength: 30 });
  fc.assert(
    fc.property(days, (all) => {
      const records = new Map(all);
      const { from } = timeCut(records);
      expect(timeCut(new Map([...records].reverse()))).toEqual(timeCut(records));
      const total = [...records.values()].reduce((sum, each) => sum + each, 0);
      const share = (day: number) => [...records].reduce((sum, [at, each]) => sum + (at >= day ? each : 0), 0) / total;
      const allowed = [...records.keys()].filter((day) => share(day) <= 0.3);
      if (from === null) expect(allowed).toEqual([]);
      else {
        expect(allowed).toContain(from / DAY);
        const nearest = Math.min(...allowed.map((day) => Math.abs(share(day) - 0.15)));
        expect(Math.abs(share(from / DAY) - 0.15)).toBeCloseTo(nearest, 12);
      }
    }),
  );
});
