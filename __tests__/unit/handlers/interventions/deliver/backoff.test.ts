import fc from "fast-check";
import { receiptsWithin } from "../../../../../contracts/deliveries";
import { pauseAfter } from "../../../../../handlers/lib/deliveries/backoff";

const DAY = { first: 5, longest: 900, within: 86_400 };

test("pauses double up to the longest, and chance makes them longer by half at most", () => {
  const pauses = (chance: number) => [1, 2, 3, 8, 9, 100].map((receipts) => pauseAfter(DAY, receipts, chance));
  expect(pauses(0)).toEqual([5, 10, 20, 640, 900, 900]);
  expect(pauses(1)).toEqual([8, 15, 30, 960, 1350, 1350]);
});

test("a message is tried for a day at least, and not for much longer", () => {
  expect(receiptsWithin(DAY)).toBe(104);
});

test("whatever the settings, the pauses between all receipts add up to the time", () => {
  const whole = (most: number) => fc.integer({ min: 1, max: most });
  fc.assert(
    fc.property(
      whole(60),
      whole(3600),
      whole(100_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (first, longest, within, chance) => {
        const retries = { first, longest, within };
        const receipts = receiptsWithin(retries);
        let seconds = 0;
        for (let each = 1; each < receipts; each += 1) seconds += pauseAfter(retries, each, chance);
        expect(seconds).toBeGreaterThanOrEqual(within);
      },
    ),
    { numRuns: 30 },
  );
});
