import type { GateRule, Task } from "../../../catalogue/training/gate";
import type { Config } from "../../../config";
import type { RetrainingFunctionName } from "../../../contracts/functions";
import type { RequestPolicy } from "../../../contracts/retrain-request";

/**
 * What the main state machine needs to know of one model; ARNs and names may still be Terraform references. The
 * templates hold what does not depend on the run, in the form of the SageMaker API.
 */
export interface RetrainedModel {
  readonly bucket: string;
  readonly prepareFunction: string;
  readonly image: string;
  /** `binary`: rows have one of two labels, and each split wants both. */
  readonly task: Task;
  readonly endpoint: string;
  readonly servingParameter: string;
  /** Start of the names of the model's jobs, SageMaker models and endpoint configurations. */
  readonly prefix: string;
  readonly retainCapacity: boolean;
  readonly trainingJob: object;
  /** Bounds of what a run's training may cost. */
  readonly limits: { readonly maximumCostInUsd: number; readonly trainingJobs: number };
  /** What requests are held against. */
  readonly policy: RequestPolicy;
  /** Hyperparameters of the model that labels, which is trained without a validation channel. */
  readonly labellingHyperparameters: object;
  /** Further arguments of the program that labels. */
  readonly labellingArguments: readonly string[];
  /** Interruptible instances; a run that waits longer for them fails. */
  readonly spot: boolean;
  /** Present where auto scaling is: requests that register the endpoint's variant again, and its policy. */
  readonly scaling?: { readonly target: object; readonly policy: object };
  /** Present where hyperparameters are tuned: start of the job's name, its configuration, and what its trainings share. */
  readonly tuning?: { readonly prefix: string; readonly job: object; readonly definition: object };
  readonly servedModel: object;
  readonly endpointConfiguration: object;
  readonly productionVariant: object;
  readonly lastRunParameter: string;
  /** Name of the model package group. */
  readonly versions: string;
  readonly gate: readonly GateRule[];
  readonly versionsToKeep: number;
  readonly evaluation: object;
  readonly evaluationArguments: readonly string[];
  /** `s3://…/` with `evaluate.py` and `label.py`. */
  readonly evaluationCode: string;
  /** Identifies our code that makes a model, of preprocessing, labelling and evaluation; the image is registered itself. */
  readonly codeVersion: string;
  /** Guardrails of an update, where the way of serving has them. */
  readonly deployment?: object;
}

export interface RetrainingProps {
  /** What to invoke, by function. */
  readonly functions: Readonly<Record<RetrainingFunctionName, string>>;
  /** ARN of the topic that hears of runs. */
  readonly topic: string;
  readonly environment: string;
  /** Name of the table in which a run holds its model. */
  readonly lockTable: string;
  readonly keyArn: string;
  readonly settings: Config["pipeline"];
  readonly models: Readonly<Record<string, RetrainedModel>>;
}
