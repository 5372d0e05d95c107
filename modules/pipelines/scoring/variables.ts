import type { TransformCompute } from "../../../catalogue/scoring";
import type { ScoringModel } from "../../../contracts/scoring-layout";
import type { ScoringResult } from "../../../contracts/scoring-result";
import type { ScoringPlan } from "../../../handlers/scoring/plan-scoring/logic";
import type { PublishedPart } from "../../../handlers/scoring/publish-scores/logic";
import type { SizedScoring } from "../../../handlers/scoring/size-transform/logic";
import { partWith } from "../asl";
import type { Failure } from "../failures";
import { variables } from "../variables";
import type { ScoredDataset } from "./contract";

/** What a part of the players comes to: what its function returned, or why it failed. */
type Ended<Result> = Result | { readonly failed: { readonly part: number; readonly cause: string } };

/** The variables of the scoring's state machine, and their shapes. */
export interface ScoringVariables {
  /** Settings of each dataset, by its name; the same in all runs. */
  readonly settings: Readonly<Record<string, ScoredDataset>>;
  /** The dataset's name, as somebody sent it until the request is checked. */
  readonly dataset: string;
  readonly datasetSettings: ScoredDataset;
  readonly plan: ScoringPlan;
  readonly picked: readonly Ended<1>[];
  readonly sized: SizedScoring;
  /** Counts the models that have scored. */
  readonly done: number;
  /** The model whose turn it is, its settings, and what its endpoint runs, as the SageMaker API describes it. */
  readonly scoring: ScoringModel;
  readonly scoringSettings: ScoredDataset["models"][string];
  readonly served: object;
  readonly compute: TransformCompute;
  /** Compute to try when SageMaker has no capacity of the first, or the account no quota; in this order. */
  readonly fallbacks: readonly TransformCompute[];
  /** Counts the sizes of compute that were tried, from 1. */
  readonly attempt: number;
  readonly published: readonly Ended<PublishedPart>[];
  readonly failure: Failure;
  readonly result: ScoringResult;
}

export const part = partWith<ScoringVariables>();
export const run = variables<ScoringVariables>();
