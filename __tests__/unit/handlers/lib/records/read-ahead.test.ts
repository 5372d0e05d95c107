import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { readAhead } from "../../../../../handlers/lib/records/read-ahead";

const KIB = 1024;

/**
 * A bucket of objects of some KiB, whose requests take some turns of the event loop; it knows who is in the middle of
 * one.
 */
function bucket(sizes: readonly number[], turns: (key: number) => number = () => 1) {
  const requests: number[] = [];
  const chunksOf = new Map<number, number>();
  let open = 0;
  let mostOpen = 0;
  return {
    keys: sizes.map((_, index) => String(index)),
    requests,
    chunksOf,
    mostOpen: () => mostOpen,
    open: async (name: string) => {
      const key = Number(name);
      requests.push(key);
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      for (let turn = 0; turn < turns(key); turn += 1) await nextTurn();
      return (async function* () {
        try {
          for (let left = sizes[key] as number; left > 0; left -= 64) {
            chunksOf.set(key, (chunksOf.get(key) ?? 0) + 1);
            yield Buffer.alloc(Math.min(left, 64) * KIB, key);
            await nextTurn();
          }
        } finally {
          open -= 1;
        }
      })();
    },
  };
}

async function read({ keys, open }: ReturnType<typeof bucket>): Promise<[key: string, bytes: number][]> {
  const found: [string, number][] = [];
  for await (const { key, chunks } of readAhead(keys, open)) {
    let bytes = 0;
    for await (const chunk of chunks) {
      expect(chunk.equals(Buffer.alloc(chunk.length, Number(key)))).toBe(true);
      bytes += chunk.length;
    }
    found.push([key, bytes]);
  }
  return found;
}

test("objects come whole and in the order of their keys, however long each takes", async () => {
  const size = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1_000, max: 1_100 }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(size, fc.integer({ min: 0, max: 5 })), { maxLength: 30 }), async (objects) => {
      const some = bucket(
        objects.map(([kib]) => kib),
        (key) => objects[key]?.[1] ?? 0,
      );
      expect(await read(some)).toEqual(objects.map(([kib], index) => [String(index), kib * KIB]));
      expect(some.mostOpen()).toBeLessThanOrEqual(9);
    }),
    { numRuns: 40 },
  );
});

test("small objects are requested once and side by side", async () => {
  const some = bucket(Array.from({ length: 100 }, () => 4));
  await read(some);
  expect(some.requests.sort((one, other) => one - other)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect(some.mostOpen()).toBeGreaterThan(4);
});

test("no more than a megabyte of a large object is read before its turn", async () => {
  const some = bucket([10 * KIB, 10 * KIB, 10 * KIB]);
  for await (const { key } of readAhead(some.keys, some.open)) {
    if (key !== "0") continue;
    for (let turn = 0; turn < 100; turn += 1) await nextTurn();
    expect([...some.chunksOf]).toEqual([
      [1, 17],
      [2, 17],
    ]);
    expect(some.mostOpen()).toBe(2);
  }
});

test("an object alone is requested once, however large", async () => {
  const some = bucket([10 * KIB]);
  await read(some);
  expect(some.requests).toEqual([0]);
});

test.each([0, 1, 7])("object %d that cannot be opened is named when its turn comes", async (broken) => {
  const some = bucket(Array.from({ length: 20 }, () => 1));
  const seen: string[] = [];
  const open = (key: string) =>
    Number(key) >= broken
      ? Promise.reject(Object.assign(new Error("The key does not exist."), { name: "NoSuchKey" }))
      : some.open(key);
  const reading = (async () => {
    for await (const { key, chunks } of readAhead(some.keys, open)) {
      for await (const _ of chunks);
      seen.push(key);
    }
  })();
  await expect(reading).rejects.toThrow(`${broken} cannot be read: NoSuchKey: The key does not exist.`);
  expect(seen).toEqual(some.keys.slice(0, broken));
});

test("an error of the reader is not the object's fault", async () => {
  const some = bucket([4]);
  const reading = (async () => {
    for await (const { chunks } of readAhead(some.keys, some.open)) {
      for await (const _ of chunks) throw new Error("no space");
    }
  })();
  await expect(reading).rejects.toThrow(/^no space$/);
});
