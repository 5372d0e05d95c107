import fc from "fast-check";
import { chunksOf } from "../../../../../handlers/lib/util/chunks";

test("chunks keep every item in order, none empty, and each fits unless it is one large item", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary", maxLength: 12 })),
      fc.integer({ min: 1, max: 40 }),
      (items, limit) => {
        const chunks = chunksOf(items, limit, JSON.stringify);
        expect(chunks.flatMap((chunk) => chunk.items)).toEqual(items);
        expect(chunks.flatMap((chunk) => chunk.texts)).toEqual(items.map((item) => JSON.stringify(item)));
        for (const { texts } of chunks) {
          expect(texts.length).toBeGreaterThan(0);
          expect(texts.length === 1 || Buffer.byteLength(texts.join(",")) <= limit).toBe(true);
        }
      },
    ),
  );
});

test("chunks are filled before another is begun", () => {
  const sizes = chunksOf(["aaa", "bbb", "ccc"], 8, (item) => item).map(({ items }) => items.length);
  expect(sizes).toEqual([2, 1]);
});
