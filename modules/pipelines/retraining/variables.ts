import type { ChosenLabelling, LabellingMode, LabellingSettings } from "../../../catalogue/labelling/modes";
import type { RetrainRequest } from "../../../contracts/retrain-request";
import type { RunRows } from "../../../contracts/run-layout";
import type { ModelRun } from "../../../contracts/run-result";
import type { ServingRecord } from "../../../contracts/serving-record";
import type { Asked } from "../../../handlers/retraining/ask-labellers/handler";
import type { CollectedLabels } from "../../../handlers/retraining/collect-labels/handler";
import type { CountedLabels } from "../../../handlers/retraining/count-labels/logic";
import type { GateResult } from "../../../handlers/retraining/judge-candidate/logic";
import type { Plan } from "../../../handlers/retraining/plan/logic";
import { partWith } from "../asl";
import type { ClaimVariables } from "../parts/claim";
import type { NotifyVariables } from "../parts/notify";
import type { ProcessingJobVariables } from "../parts/processing-job";
import type { SwitchEndpointVariables } from "../parts/switch-endpoint";
import type { TrainVariables } from "../parts/train";
import type { VerifyVariables } from "../parts/verify";
import { variables } from "../variables";
import type { RetrainedModel } from "./contract";

type PartVariables = ClaimVariables &
  NotifyVariables &
  ProcessingJobVariables &
  SwitchEndpointVariables &
  TrainVariables &
  VerifyVariables;

/**
 * The variables of the retraining state machine, and their shapes. Those that a part of `../parts` keeps for itself are
 * described beside the part; an `interface` so that the compiler holds every shape here against what the parts want.
 */
export interface RetrainingVariables extends PartVariables {
  /** Settings of each model, by its name; the same in all runs of an execution. */
  readonly settings: Readonly<Record<string, RetrainedModel>>;

  /** The model's name, as somebody sent it until the request is checked. */
  readonly model: string;
  /** The checked request, or in words what is wrong with it. */
  readonly checked: { readonly request?: RetrainRequest; readonly problem?: string };
  readonly request: RetrainRequest;
  /** Settings of the run's model. */
  readonly modelSettings: RetrainedModel;
  /** Settings of the run's labelling: the model's, with those of the request over them. */
  readonly labellingSettings: LabellingSettings & { readonly mode?: LabellingMode };

  /** The model's serving record; without fields when nobody can read it. */
  readonly served: Partial<ServingRecord>;
  /** Name of the SageMaker model that the endpoint runs. */
  readonly servedModel: string;
  /** The serving record as it should be. */
  readonly actual: ServingRecord;
  /** Says what was wrong with the serving record; empty when nothing was. */
  readonly corrected: string;
  /** Whether the candidate that an earlier run left still waits for somebody to decide. */
  readonly undecided: boolean;

  /** The plan of the run. Of a roll-back it has only `runId` and `featureHash`, those of the version. */
  readonly plan: Plan;
  /** Ends the name of the run's endpoint configuration, in the form of a run's id. */
  readonly deployment: string;
  /** Key of the manifest of the groups to prepare. */
  readonly manifestKey: string;
  /** Whether groups are prepared for the second time, by what all of them together have told. */
  readonly again: boolean;
  /** Key of a manifest of the groups to prepare again; empty when there are none. */
  readonly againKey: string;

  /** The run's rows by split, those with label 1, and what else became of its records. */
  readonly rows: RunRows;
  /** Says what became of the records. */
  readonly records: string;
  /** Says why the records must not be trained on; empty when they may. */
  readonly unusable: string;
  /** Says why an operator's labels must not be trained on; empty when all may. */
  readonly oneSided: string;
  /** The chosen labelling, the sources of the labels that were there, and what came of asking people or a model. */
  readonly labelling: ChosenLabelling & {
    readonly sources: CountedLabels["sources"];
    readonly people?: Partial<CollectedLabels["people"]>;
    readonly automatic?: Asked["automatic"];
  };
  /** Whether people were too late. */
  readonly timedOut: boolean;

  /** The gate's verdict, with the evaluation's numbers and where its files lie. */
  readonly judged: GateResult;
  /** ARN of the candidate in the model registry; `none` for an initial model. */
  readonly modelPackage: string;
  /** Until when somebody may decide, in milliseconds since 1970. */
  readonly approveUntil: number;
  /** `ModelApprovalStatus` of the SageMaker API. */
  readonly approval: string;
  /** `: ` and the reason that a person gave; empty without one. */
  readonly because: string;

  /** The run's result, as the execution tells it. */
  readonly result: ModelRun;
}

export const part = partWith<RetrainingVariables>();
export const run = variables<RetrainingVariables>();
