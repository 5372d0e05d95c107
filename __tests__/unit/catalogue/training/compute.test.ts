import fc from "fast-check";
import { computes, maximumCostInUsd, TIERS } from "../../../../catalogue/training/compute";
import { PRICES, pricePerHour } from "../../../../catalogue/training/prices";

const compute = (...args: Parameters<typeof computes>) => computes(...args)[0];
const GIB = 2 ** 30;
const [MB, GB, TB] = [1e6, 1e9, 1e12];

test.each([
  [0, "ml.m5.large", 1],
  [1 * MB, "ml.m5.large", 1],
  [1 * GB, "ml.m5.large", 1],
  [5 * GB + 1, "ml.m5.xlarge", 1],
  [25 * GB, "ml.m5.2xlarge", 1],
  [50 * GB, "ml.m5.4xlarge", 1],
  [100 * GB, "ml.m5.12xlarge", 1],
  [300 * GB, "ml.m5.24xlarge", 1],
  [1 * TB, "ml.m5.24xlarge", 2],
  [2 * TB, "ml.m5.24xlarge", 4],
  [5 * TB, "ml.m5.24xlarge", 6],
  [10 * TB, "ml.m5.24xlarge", 12],
])("%d bytes train on %s × %d", (bytes, instanceType, instanceCount) => {
  expect(compute(bytes)).toMatchObject({ instanceType, instanceCount });
});

test("more than the table covers is refused", () => {
  expect(() => compute(10 * TB + 1)).toThrow("more than catalogue/training/compute.ts covers");
});

test("more bytes never get less memory, storage or time", () => {
  const bytes = fc.integer({ min: 0, max: 10 * TB });
  const size = (count: number) => {
    const { instanceCount, instanceType, volumeSizeInGB, maxRuntimeInSeconds } = compute(count);
    const memory = TIERS.find((tier) => tier.instanceType === instanceType)?.memoryInGiB ?? 0;
    return [memory * instanceCount, volumeSizeInGB, maxRuntimeInSeconds];
  };
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const larger = size(Math.max(a, b));
      size(Math.min(a, b)).forEach((value, what) => {
        expect(value).toBeLessThanOrEqual(larger[what] ?? 0);
      });
    }),
  );
});

test.each(TIERS.map((tier) => [`${tier.instanceType} × ${tier.instanceCount}`, tier] as const))(
  "%s follows the table's rules",
  (_, { maxBytes, memoryInGiB, instanceCount, volumeSizeInGB }) => {
    const distributed = instanceCount > 1;
    const csv = maxBytes / (distributed ? 12 : 5);
    expect(memoryInGiB * GIB * instanceCount).toBeGreaterThanOrEqual(5 * csv);
    expect(volumeSizeInGB * GB).toBeGreaterThanOrEqual(1.2 * csv);
  },
);

test("falls back to larger instances, at most two, and never to the same", () => {
  const types = (bytes: number) => computes(bytes).map(({ instanceType }) => instanceType);
  expect(types(1 * MB)).toEqual(["ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge"]);
  expect(types(100 * GB)).toEqual(["ml.m5.12xlarge", "ml.m5.24xlarge"]);
  expect(types(2 * TB)).toEqual(["ml.m5.24xlarge"]);
});

test.each([
  [1 * MB, "us-east-1", 0.47],
  [300 * GB, "us-east-1", 132.72],
  [10 * TB, "us-east-1", 4777.92],
  [1 * MB, "eu-west-1", 0.52],
  [300 * GB, "eu-west-1", 148.08],
])("%d bytes cost at most, in %s, %d dollars", (bytes, region, dollars) => {
  expect(maximumCostInUsd(bytes, region)).toBe(dollars);
});

test.each(Object.keys(PRICES))("every compute has a price in %s, and the larger is never the cheaper", (region) => {
  const prices = TIERS.map(({ instanceType, instanceCount }) => pricePerHour(instanceType, region) * instanceCount);
  expect(prices).toEqual([...prices].sort((one, other) => one - other));
  expect(PRICES[region]?.source).toMatch(/ 20\d\d: /);
});

test("a price that nobody knows is no guess", () => {
  const remedy = "has no price in ap-southeast-2; add it to catalogue/training/prices.ts";
  expect(() => pricePerHour("ml.m5.large", "ap-southeast-2")).toThrow(remedy);
});
