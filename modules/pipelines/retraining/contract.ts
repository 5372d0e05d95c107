import type { OneSidedAction } from "../../../catalogue/labelling/one-sided";
import type { GateRule, Task, UndecidedAction } from "../../../catalogue/training/gate";
import type { Config } from "../../../config";
import type { RequestPolicy } from "../../../contracts/retrain-request";
import type { NotifyProps } from "../parts/notify";
import type { ProcessingJobVariables } from "../parts/processing-job";
import type { SwitchEndpointVariables } from "../parts/switch-endpoint";
import type { TrainVariables } from "../parts/train";
import type { FunctionArns } from "./calls";

type WantedByParts = ProcessingJobVariables["modelSettings"] &
  SwitchEndpointVariables["modelSettings"] &
  TrainVariables["modelSettings"];

/**
 * Everything that the retraining state machine needs to know of one model, those things included that its parts want;
 * ARNs and names may still be Terraform references. The templates hold what does not depend on the run, in the form of
 * the SageMaker API.
 */
export interface RetrainedModel extends WantedByParts {
  readonly prepareFunction: string;
  /** `binary`: rows have one of two labels, and each split wants both. */
  readonly task: Task;
  readonly servingParameter: string;
  readonly trainingJob: TrainVariables["modelSettings"]["trainingJob"] & { readonly RoleArn: string };
  /** Bounds of what a run's training may cost. */
  readonly limits: { readonly maximumCostInUsd: number; readonly trainingJobs: number };
  /** Settings that requests are held against. */
  readonly policy: RequestPolicy;
  readonly oneSided: OneSidedAction;
  /** Days after a record within which what the score is the probability of happens; `none` of other scores. */
  readonly horizonDays: string;
  /** Further arguments of the program that labels. */
  readonly labellingArguments: readonly string[];
  readonly servedModel: object;
  readonly lastRunParameter: string;
  /** Name of the model package group. */
  readonly versions: string;
  readonly gate: readonly GateRule[];
  readonly undecided: UndecidedAction;
  readonly versionsToKeep: number;
  readonly evaluationArguments: readonly string[];
  /** Identifies our code that makes a model, of preparing, labelling and evaluation; the image is registered itself. */
  readonly codeVersion: string;
  /** Guardrails of an update, where the way of serving has them. */
  readonly deployment?: object;
}

export interface RetrainingProps extends NotifyProps {
  /** ARNs to invoke, by function. */
  readonly functions: FunctionArns;
  /** Name of the table in which a run holds its model. */
  readonly lockTable: string;
  readonly keyArn: string;
  readonly settings: Config["pipeline"];
  readonly models: Readonly<Record<string, RetrainedModel>>;
}
