import { isKept, type Result, ratioOf, resultTable } from "../../../scripts/bench/result";
import { alternate, median, quantile } from "../../../scripts/bench/statistics";

const time: Result = { what: "a time", value: 30, unit: "ms", floor: { name: "floor", value: 10 } };
const rate: Result = { what: "a rate", value: 100, unit: "records/s", floor: { name: "floor", value: 250 } };

describe("results", () => {
  test("a ratio says how many times as long as the floor, of times and of rates", () => {
    expect(ratioOf(time)).toBe(3);
    expect(ratioOf(rate)).toBe(2.5);
    expect(ratioOf({ what: "no floor", value: 1, unit: "kB" })).toBeUndefined();
  });

  test.each([
    ["a ratio at its limit", { ...time, limit: { of: "ratio", atMost: 3 } }, true],
    ["a ratio over its limit", { ...time, limit: { of: "ratio", atMost: 2.9 } }, false],
    ["a value over its limit", { ...time, limit: { of: "value", atMost: 29 } }, false],
    ["a value under its limit", { ...time, limit: { of: "value", atMost: 31 } }, true],
    ["a value between its limits", { ...time, limit: { of: "value", atLeast: 30, atMost: 31 } }, true],
    ["a value under the lower of two limits", { ...time, limit: { of: "value", atLeast: 31, atMost: 32 } }, false],
    ["a value that is none", { ...time, value: Number.NaN, limit: { of: "value", atMost: 31 } }, false],
    ["no limit", time, undefined],
  ] as const)("%s is judged", (_, result, expected) => {
    expect(isKept(result)).toBe(expected);
  });

  test("a limit on the ratio of something without a floor is not kept", () => {
    expect(isKept({ what: "x", value: 1, unit: "ms", limit: { of: "ratio", atMost: 2 } })).toBe(false);
  });

  test("the table shows measurement, floor, ratio, limit and verdict", () => {
    const [, , first, second] = resultTable([{ ...time, limit: { of: "ratio", atMost: 2 } }, rate]).split("\n");
    expect(first?.trim().split(/ {2,}/)).toEqual(["a time", "30.0 ms", "10.0 ms floor", "3.00", "2 ×", "NO"]);
    const between = resultTable([
      { what: "a slope", value: 1, unit: "×", limit: { of: "value", atLeast: 0.9, atMost: 1.1 } },
    ]);
    expect(between).toMatch(/a slope +1\.000 × +0\.9 to 1\.1 × +yes/);
    expect(second?.trim().split(/ {2,}/)).toEqual(["a rate", "100 records/s", "250 records/s floor", "2.50"]);
  });
});

describe("statistics", () => {
  test("quantiles are measured values, whatever the order", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(quantile([4, 1, 3, 2], 0)).toBe(1);
    expect(quantile([4, 1, 3, 2], 0.95)).toBe(4);
    expect(() => median([])).toThrow("Nothing was measured");
  });

  test("measures take turns, and the first round does not count", async () => {
    const order: string[] = [];
    const measure = (name: string) => async () => order.push(name);
    const measured = await alternate(2, { a: measure("a"), b: measure("b") }, () => {});
    expect(order).toEqual(["a", "b", "a", "b", "a", "b"]);
    expect(measured).toEqual({ a: [3, 5], b: [4, 6] });
  });
});
