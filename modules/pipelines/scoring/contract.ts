import type { ScoringFunctionName } from "../../../contracts/functions";
import type { NotifyProps } from "../parts/notify";

/** Everything that the state machine of the scoring needs to know of a dataset; names may still be Terraform references. */
export interface ScoredDataset {
  /** Name of the data bucket. */
  readonly bucket: string;
  /** ARN of the function that makes features of this dataset's records. */
  readonly extractFunction: string;
  /** By model: start of the names of its transform jobs, and the role with which it transforms. */
  readonly models: Readonly<Record<string, { readonly prefix: string; readonly roleArn: string }>>;
}

export interface ScoringProps extends NotifyProps {
  /** ARNs to invoke, by function. */
  readonly functions: Readonly<Record<ScoringFunctionName, string>>;
  readonly keyArn: string;
  /** The most groups of objects, or parts of the players, to work on at once. */
  readonly concurrency: number;
  readonly toleratedRejectedShare: number;
  /** Tags of jobs. */
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  /** By name. */
  readonly datasets: Readonly<Record<string, ScoredDataset>>;
}
