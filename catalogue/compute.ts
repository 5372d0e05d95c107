/** What a training job runs on. */
export interface Compute {
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly volumeSizeInGB: number;
  readonly maxRuntimeInSeconds: number;
}

export interface Tier extends Compute {
  /** The largest training data of the tier, in bytes of JSON Lines. */
  readonly upTo: number;
  /** Of one instance. */
  readonly memoryInGiB: number;
}

const GB = 1e9;
const TB = 1e12;
const HOUR = 3_600;

/**
 * From the bytes of JSON to the compute of its training, by these rules (a test holds every tier to them):
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
  { upTo: 5 * GB, instanceType: "ml.m5.large", memoryInGiB: 8, instanceCount: 1, volumeSizeInGB: 30, hours: 1 },
  { upTo: 12 * GB, instanceType: "ml.m5.xlarge", memoryInGiB: 16, instanceCount: 1, volumeSizeInGB: 30, hours: 2 },
  { upTo: 30 * GB, instanceType: "ml.m5.2xlarge", memoryInGiB: 32, instanceCount: 1, volumeSizeInGB: 50, hours: 4 },
  { upTo: 60 * GB, instanceType: "ml.m5.4xlarge", memoryInGiB: 64, instanceCount: 1, volumeSizeInGB: 50, hours: 6 },
  {
    upTo: 200 * GB,
    instanceType: "ml.m5.12xlarge",
    memoryInGiB: 192,
    instanceCount: 1,
    volumeSizeInGB: 100,
    hours: 12,
  },
  {
    upTo: 400 * GB,
    instanceType: "ml.m5.24xlarge",
    memoryInGiB: 384,
    instanceCount: 1,
    volumeSizeInGB: 200,
    hours: 24,
  },
  { upTo: 1 * TB, instanceType: "ml.m5.24xlarge", memoryInGiB: 384, instanceCount: 2, volumeSizeInGB: 200, hours: 24 },
  {
    upTo: 2.5 * TB,
    instanceType: "ml.m5.24xlarge",
    memoryInGiB: 384,
    instanceCount: 4,
    volumeSizeInGB: 300,
    hours: 48,
  },
  { upTo: 5 * TB, instanceType: "ml.m5.24xlarge", memoryInGiB: 384, instanceCount: 6, volumeSizeInGB: 500, hours: 48 },
  {
    upTo: 10 * TB,
    instanceType: "ml.m5.24xlarge",
    memoryInGiB: 384,
    instanceCount: 12,
    volumeSizeInGB: 1000,
    hours: 72,
  },
].map(({ hours, ...tier }) => ({ ...tier, maxRuntimeInSeconds: hours * HOUR }));

/** The instance types that `INSTANCE_TYPES` may replace. */
export const INSTANCE_TYPES: readonly string[] = [...new Set(TIERS.map(({ instanceType }) => instanceType))];

/**
 * The compute of a training job over `bytes` of JSON Lines. `replacements` names other instance types for those of the
 * table, for a region or a quota that lacks them. More than the table covers is refused: a job that cannot hold its
 * data in memory fails only after hours of paying for it.
 */
export function compute(bytes: number, replacements: ReadonlyMap<string, string> = new Map()): Compute {
  const tier = TIERS.find(({ upTo }) => bytes <= upTo);
  if (tier === undefined) {
    throw new RangeError(
      `${bytes} bytes are more than catalogue/compute.ts covers; add a tier or train on fewer records`,
    );
  }
  const { instanceType, instanceCount, volumeSizeInGB, maxRuntimeInSeconds } = tier;
  return {
    instanceType: replacements.get(instanceType) ?? instanceType,
    instanceCount,
    volumeSizeInGB,
    maxRuntimeInSeconds,
  };
}
