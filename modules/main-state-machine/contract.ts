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
}

export interface RetrainingProps {
  readonly planFunction: string;
  readonly keyArn: string;
  readonly settings: Config["retraining"];
  readonly models: Readonly<Record<string, RetrainedModel>>;
}
