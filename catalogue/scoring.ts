import { takesVolumeKey } from "./training/instance-storage";

/** Instances of a batch transform. */
export interface TransformCompute {
  readonly instanceType: string;
  readonly instanceCount: number;
  /** True when a key of ours may encrypt the storage. */
  readonly takesVolumeKey: boolean;
}

interface Tier {
  /** The most features of the tier, in bytes of CSV. */
  readonly maxBytes: number;
  readonly instanceType: string;
  readonly vcpus: number;
  readonly instanceCount: number;
}

const GB = 1e9;

/**
 * Lists the instances of a batch transform by the bytes of its CSV. One vCPU of ours parses and scores 49 MB of it a second
 * (60 columns, 400 trees; measured); a fifth of that has a tier done within ten minutes, which a test holds it to.
 */
export const TRANSFORM_TIERS: readonly Tier[] = [
  { maxBytes: 1 * GB, instanceType: "ml.m5.large", vcpus: 2, instanceCount: 1 },
  { maxBytes: 10 * GB, instanceType: "ml.m5.xlarge", vcpus: 4, instanceCount: 1 },
  { maxBytes: 50 * GB, instanceType: "ml.m5.2xlarge", vcpus: 8, instanceCount: 2 },
  { maxBytes: 250 * GB, instanceType: "ml.m5.4xlarge", vcpus: 16, instanceCount: 4 },
];

/**
 * Chooses where a batch transform of `bytes` of CSV may run: the instances of its tier, then larger ones for when
 * SageMaker has none of those, or the account's quota is used up.
 *
 * @throws RangeError for more than the table covers.
 */
export function transformComputes(bytes: number): readonly [TransformCompute, ...TransformCompute[]] {
  const index = TRANSFORM_TIERS.findIndex(({ maxBytes }) => bytes <= maxBytes);
  const tier = TRANSFORM_TIERS[index];
  if (tier === undefined) {
    throw new RangeError(`${bytes} bytes of features are more than catalogue/scoring.ts covers; add a tier`);
  }
  const of = ({ instanceType }: Tier): TransformCompute => ({
    instanceType,
    instanceCount: tier.instanceCount,
    takesVolumeKey: takesVolumeKey(instanceType),
  });
  return [of(tier), ...TRANSFORM_TIERS.slice(index + 1, index + 3).map(of)];
}

/** Bytes of records, unpacked, that make one part of the players. */
const BYTES_OF_PART = 64 * 1024 * 1024;
/**
 * Each group of objects writes a file to each part, and a Map's result, a text of each part, must stay below 256 KB: more
 * players than 256 parts of 64 MB hold make the parts larger.
 */
export const MOST_PARTS = 256;

/** Chooses how many parts the players of so many bytes of records are scored in; what is kept of a record is smaller. */
export const partsFor = (bytes: number): number => Math.min(MOST_PARTS, Math.max(1, Math.ceil(bytes / BYTES_OF_PART)));
