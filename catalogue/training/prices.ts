/** On-demand prices of training instances in one region. */
interface RegionPrices {
  /** Where the prices were looked up, and when. */
  readonly source: string;
  /** US dollars an hour, rounded up to cents, by instance type. */
  readonly perHour: Readonly<Record<string, number>>;
}

/** A family's price goes with its size: "ml.m5" has one vCPU's price times its vCPUs in every region. */
const M5_VCPUS = { large: 2, xlarge: 4, "2xlarge": 8, "4xlarge": 16, "12xlarge": 48, "24xlarge": 96 };

const m5 = (perVcpu: number): RegionPrices["perHour"] =>
  Object.fromEntries(
    Object.entries(M5_VCPUS).map(([size, vcpus]) => [`ml.m5.${size}`, Math.ceil(perVcpu * vcpus * 100) / 100]),
  );

/**
 * Lists prices by region. The cap on what a training may cost counts in these, so a configuration whose region is
 * missing is refused; add it from https://aws.amazon.com/sagemaker/pricing/.
 */
export const PRICES: Readonly<Record<string, RegionPrices>> = {
  "us-east-1": { source: "price list of SageMaker, November 2026: 0.2304 for ml.m5.xlarge", perHour: m5(0.0576) },
  "eu-west-1": {
    // An account's bill; the price list had no newer price at hand.
    source: "Sample_Costs.md of aws-samples/sagemaker-ssh-helper, December 2023: 0.257 for training on ml.m5.xlarge",
    perHour: m5(0.06425),
  },
};

/** Finds the price of an instance in US dollars an hour. Throws where the table has none. */
export function pricePerHour(instanceType: string, region: string): number {
  const price = PRICES[region]?.perHour[instanceType];
  if (price !== undefined) return price;
  throw new RangeError(`${instanceType} has no price in ${region}; add it to catalogue/training/prices.ts`);
}
