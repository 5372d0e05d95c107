import type { GateRule } from "../../catalogue/gate";
import type { Config } from "../../config";

/**
 * What the main state machine needs to know of one model; ARNs and names may still be Terraform references. The
 * templates hold what does not depend on the run, in the form of the SageMaker API.
 */
export interface RetrainedModel {
  readonly bucket: string;
  readonly prepareFunction: string;
  readonly image: string;
  readonly endpoint: string;
  readonly servingParameter: string;
  /** Start of the names of the model's jobs, SageMaker models and endpoint configurations. */
  readonly prefix: string;
  readonly retainCapacity: boolean;
  readonly trainingJob: object;
  readonly servedModel: object;
  readonly endpointConfiguration: object;
  readonly productionVariant: object;
  readonly lastRunParameter: string;
  /** Name of the model package group. */
  readonly versions: string;
  readonly approval: "automatic" | "manual";
  readonly gate: readonly GateRule[];
  readonly versionsToKeep: number;
  readonly evaluation: object;
  readonly evaluationArguments: readonly string[];
  /** `s3://…/` with `evaluate.py`; the hash in it is the code's version in the registry. */
  readonly evaluationCode: string;
}

export interface RetrainingProps {
  readonly planFunction: string;
  readonly gateFunction: string;
  readonly probeFunction: string;
  /** Name of the table in which a run holds its model. */
  readonly lockTable: string;
  readonly keyArn: string;
  readonly settings: Config["retraining"];
  readonly models: Readonly<Record<string, RetrainedModel>>;
}
