import { takesVolumeKey } from "./instance-storage";
import { pricePerHour } from "./prices";

/** Instances and storage of a training job, and its time limit. */
export interface Compute {
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly volumeSizeInGB: number;
  /** True when a key of ours may encrypt the storage. */
  readonly takesVolumeKey: boolean;
  readonly maxRuntimeInSeconds: number;
}

export interface Tier extends Omit<Compute, "takesVolumeKey"> {
  /** The largest training data of the tier, in bytes of JSON Lines. */
  readonly maxBytes: number;
  /** Memory of one instance. */
  readonly memoryInGiB: number;
}

const GB = 1e9;
const TB = 1e12;
const HOUR = 3_600;

/**
 * Lists the compute of a training by the bytes of its JSON, from the least on. A test holds every tier to these rules:
 * - Features as CSV are 1/7 of a small record's JSON, such as those from before the initial deposit (0.6 kB, measured;
 *   the table allows 1/5), and of a behavioural record's 1/12 (few days of play, 7 kB, measured) to 1/60 (90 full days,
 *   37 kB). Only behavioural data reaches the distributed tiers: 400 GB of small records are 700 million players.
 * - XGBoost holds the data in memory: 8 bytes for each value that is present, of which the CSV needs at least 2, and a
 *   quantised copy. Together at most 5 times the CSV. So one instance has as much memory as the JSON has bytes (1/5
 *   times 5), and a cluster 5/12 of it.
 * - A volume holds all of the CSV, as when the channel is replicated, and room for checkpoints.
 * - CPU, not GPU: histogram training of this size is bound by memory, and m5 has the most memory for its price.
 * - The run time is a guard against a hung job, not an estimate: 50,000 rows train in a second.
 */
export const TIERS: readonly Tier[] = [
  { maxBytes: 5 * GB, instanceType: "ml.m5.large", memoryInGiB: 8, instanceCount: 1, volumeSizeInGB: 30, hours: 1 },
  { maxBytes: 12 * GB, instanceType: "ml.m5.xlarge", memoryInGiB: 16, instanceCount: 1, volumeSizeInGB: 30, hours: 2 },
  { maxBytes: 30 * GB, instanceType: "ml.m5.2xlarge", memoryInGiB: 32, instanceCount: 1, volumeSizeInGB: 50, hours: 4 },
  { maxBytes: 60 * GB, instanceType: "ml.m5.4xlarge", memoryInGiB: 64, instanceCount: 1, volumeSizeInGB: 50, hours: 6 },
  {
    maxBytes: 200 * GB,
    instanceType: "ml.m5.12xlarge",
    memoryInGiB: 192,
    instanceCount: 1,
    volumeSizeInGB: 100,
    hours: 12,
  },
  {
    maxBytes: 400 * GB,
    instanceType: "ml.m5.24xlarge",
    memoryInGiB: 384,
    instanceCount: 1,
    volumeSizeInGB: 200,
    hours: 24,
  },
  {
    maxBytes: 1 * TB,
    instanceType: "ml.m5.24xlarge",
    memoryInGiB: 384,
    instanceCount: 2,
    volumeSizeInGB: 200,
    hours: 24,
  },
  {
    maxBytes: 2.5 * TB,
    instanceType: "ml.m5.24xlarge",
    memoryInGiB: 384,
    instanceCount: 4,
    volumeSizeInGB: 300,
    hours: 48,
  },
  {
    maxBytes: 5 * TB,
    instanceType: "ml.m5.24xlarge",
    memoryInGiB: 384,
    instanceCount: 6,
    volumeSizeInGB: 500,
    hours: 48,
  },
  {
    maxBytes: 10 * TB,
    instanceType: "ml.m5.24xlarge",
    memoryInGiB: 384,
    instanceCount: 12,
    volumeSizeInGB: 1000,
    hours: 72,
  },
].map(({ hours, ...tier }) => ({ ...tier, maxRuntimeInSeconds: hours * HOUR }));

/**
 * Chooses where a training job over `bytes` of JSON Lines may run: the compute of its tier, then larger instances for when
 * SageMaker has none of those, or the account's quota is used up.
 *
 * @throws RangeError for more than the table covers: a job that cannot hold its data in memory fails only after hours of
 * paying for it.
 */
export function computes(bytes: number): readonly [Compute, ...Compute[]] {
  const index = TIERS.findIndex(({ maxBytes }) => bytes <= maxBytes);
  const tier = TIERS[index];
  if (tier === undefined) {
    throw new RangeError(
      `${bytes} bytes are more than catalogue/training/compute.ts covers; add a tier or train on fewer records`,
    );
  }
  const of = (instanceType: string): Compute => ({
    instanceType,
    instanceCount: tier.instanceCount,
    volumeSizeInGB: tier.volumeSizeInGB,
    takesVolumeKey: takesVolumeKey(instanceType),
    maxRuntimeInSeconds: tier.maxRuntimeInSeconds,
  });
  const larger = TIERS.slice(index).map(({ instanceType }) => instanceType);
  const others = [...new Set(larger)].filter((type) => type !== tier.instanceType).slice(0, MOST_FALLBACKS);
  return [of(tier.instanceType), ...others.map(of)];
}

/** Two sizes up is four times the price: beyond that, a person should decide. */
const MOST_FALLBACKS = 2;

/**
 * Bounds the cost of a training on `bytes` in US dollars at a region's prices: every instance of the largest compute that
 * it may fall back to, for the whole time limit. It is a cap, not an estimate.
 */
export function maximumCostInUsd(bytes: number, region: string): number {
  const costs = computes(bytes).map(
    ({ instanceType, instanceCount, maxRuntimeInSeconds }) =>
      pricePerHour(instanceType, region) * instanceCount * (maxRuntimeInSeconds / HOUR),
  );
  return Math.ceil(Math.max(...costs) * 100) / 100;
}
