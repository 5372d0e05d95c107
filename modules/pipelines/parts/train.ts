import type { Compute } from "../../../catalogue/training/compute";
import { RUN_FILES } from "../../../contracts/run-layout";
import { type Choice, type Failed, jsonata, partWith } from "../asl";
import { type Failure, orElse, step } from "../failures";
import { task } from "../tasks";
import { variables } from "../variables";
import { type TrainingJobVariables, trainingOfRun } from "./training-job";

export type TrainVariables = TrainingJobVariables & {
  readonly failure: Failure;
  readonly plan: {
    /** Compute to try when SageMaker has no capacity of the first, or the account no quota; in this order. */
    readonly fallbacks: readonly Compute[];
  };
  readonly modelSettings: {
    /** Start of the names of the model's jobs. */
    readonly prefix: string;
    /** Template of a training job. */
    readonly trainingJob: { readonly Tags: object; readonly HyperParameters: Readonly<Record<string, string>> };
    /**
     * Present where hyperparameters are tuned: start of the job's name, its configuration, and what its trainings
     * share.
     */
    readonly tuning?: { readonly prefix: string; readonly job: object; readonly definition: object };
    /** Hyperparameters of the model that labels, which is trained without a validation channel. */
    readonly labellingHyperparameters: object;
  };
  /** Counts the sizes of compute that were tried, from 1. */
  readonly attempt: number;
  /** `s3://…/model.tar.gz` of the model that labels. */
  readonly labellingModel: string;
  /** `s3://…/model.tar.gz` of the trained model. */
  readonly artefact: string;
  /** Name of the best training job of a tuning. */
  readonly best: string;
};

interface TrainProps {
  readonly keyArn: string;
}

const part = partWith<TrainVariables>();
const { plan, modelSettings, attempt, failure, best } = variables<TrainVariables>();

/** Tries the next size of the table when a job failed for want of instances, or was refused before it existed. */
const capacity = <Again extends string>(again: Again): Choice<Again | Failed, keyof TrainVariables> => ({
  Type: "Choice",
  Choices: [
    {
      Condition: jsonata(
        `$exists(${plan.fallbacks}[0]) and ` +
          `$contains(${failure.error} & ' ' & ${failure.cause}, /CapacityError|ResourceLimitExceeded|MaxWaitTimeExceeded/)`,
      ),
      Assign: {
        plan: jsonata(`$merge([${plan}, {'compute': ${plan.fallbacks}[0], 'fallbacks': [${plan.fallbacks}[[1..9]]]}])`),
        attempt: jsonata(`${attempt} + 1`),
      },
      Next: again,
    },
  ],
  Default: "Failed",
});

/** Trains the model that labels, on the train split alone, so that the validation split can tell its precision. */
export const trainLabellingModelPart = <Exit extends string>(
  { keyArn }: TrainProps,
  exits: { readonly trained: Exit },
) =>
  part(exits, {
    "Train labelling model": step(
      "Train labelling model",
      task("sagemaker:createTrainingJob.sync", {
        Arguments: jsonata(`$merge([
          ${modelSettings.trainingJob},
          ${trainingOfRun({ channels: ["train"], output: RUN_FILES.labellingModel, keyArn })},
          {
            'TrainingJobName': ${modelSettings.prefix} & '-' & ${plan.runId} & '-' & $substring('abcd', ${attempt} - 1, 1),
            'HyperParameters': ${modelSettings.labellingHyperparameters}
          }
        ])`),
        Assign: { labellingModel: "{% $states.result.ModelArtifacts.S3ModelArtifacts %}" },
        Next: exits.trained,
      }),
      "Capacity for labelling?",
    ),
    "Capacity for labelling?": capacity("Train labelling model"),
  });

/** JSONata for the name of the tuning job. */
const TUNING_JOB = `${modelSettings.tuning.prefix} & $substring('abcd', ${attempt} - 1, 1) & '-' & ${plan.runId}`;

/** Trains on the compute that the plan chose: once, or many times to tune the hyperparameters. */
export const trainPart = <Exit extends string>({ keyArn }: TrainProps, exits: { readonly trained: Exit }) => {
  const training = trainingOfRun({ channels: ["train", "validation"], output: "output", keyArn });
  return part(exits, {
    "Choose compute": {
      Type: "Choice",
      Choices: [{ Condition: jsonata(`$exists(${modelSettings.tuning})`), Assign: { attempt: 1 }, Next: "Tune" }],
      Assign: { attempt: 1 },
      Default: "Train",
    },
    Train: step(
      "Train",
      task("sagemaker:createTrainingJob.sync", {
        Arguments: jsonata(`$merge([${modelSettings.trainingJob}, ${training}, {
          'TrainingJobName': ${modelSettings.prefix} & '-' & ${plan.runId} & (${attempt} > 1 ? '-' & $string(${attempt}) : '')
        }])`),
        Assign: { artefact: "{% $states.result.ModelArtifacts.S3ModelArtifacts %}" },
        Next: exits.trained,
      }),
      "Capacity?",
    ),
    "Capacity?": capacity("Train"),
    Tune: step(
      "Tune",
      task("sagemaker:createHyperParameterTuningJob.sync", {
        Arguments: jsonata(`{
          'HyperParameterTuningJobName': ${TUNING_JOB},
          'HyperParameterTuningJobConfig': ${modelSettings.tuning.job},
          'TrainingJobDefinition': $merge([${modelSettings.tuning.definition}, ${training}]),
          'Tags': ${modelSettings.trainingJob.Tags}
        }`),
        Assign: { best: "{% $states.result.BestTrainingJob.TrainingJobName %}" },
        Next: "Describe best",
      }),
      "Look into tuning",
    ),
    // The tuning job itself does not say why its trainings failed. One that could not be created has none.
    "Look into tuning": orElse(
      task("aws-sdk:sagemaker:listTrainingJobsForHyperParameterTuningJob", {
        Arguments: { HyperParameterTuningJobName: jsonata(TUNING_JOB), StatusEquals: "Failed", MaxResults: 1 },
        Assign: {
          failure: jsonata(`$merge([${failure}, {
            'cause': $join([${failure.cause}, $states.result.TrainingJobSummaries[0].FailureReason], ' ')
          }])`),
        },
        Next: "Capacity for tuning?",
      }),
      "Capacity for tuning?",
    ),
    "Capacity for tuning?": capacity("Tune"),
    "Describe best": step(
      "Tune",
      task("aws-sdk:sagemaker:describeTrainingJob", {
        Arguments: { TrainingJobName: jsonata(best) },
        Assign: { artefact: "{% $states.result.ModelArtifacts.S3ModelArtifacts %}" },
        Next: exits.trained,
      }),
    ),
  });
};
