import fc from "fast-check";
import { concurrently } from "../../../../../handlers/lib/util/concurrently";

const rounds = async (count: number) => {
  for (let round = 0; round < count; round += 1) await Promise.resolve();
};

test("results are in the order of the items, whichever is ready first, and never more than the limit at a time", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 20 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      async (items, limit) => {
        let now = 0;
        let most = 0;
        const results = await concurrently(
          items.map((item, index) => ({ item, index })),
          limit,
          async ({ item, index }) => {
            now += 1;
            most = Math.max(most, now);
            await rounds(item);
            now -= 1;
            return index;
          },
        );
        expect(results).toEqual(items.map((_, index) => index));
        expect(most).toBe(Math.min(limit, items.length));
      },
    ),
  );
});

test("an item whose value is undefined is an item too", async () => {
  expect(await concurrently([undefined, undefined], 5, async (item) => typeof item)).toEqual([
    "undefined",
    "undefined",
  ]);
});

test("the first error is the result", async () => {
  const work = async (item: number) => {
    await rounds(20 - item);
    if (item >= 5) throw new Error(`item ${item}`);
    return item;
  };
  await expect(concurrently([1, 2, 5, 6], 4, work)).rejects.toThrow("item 6");
});
