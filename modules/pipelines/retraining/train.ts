import { RUN_FILES, type RunPath } from "../../../contracts/run-layout";
import { jsonata, type State, step, task } from "../asl";
import type { RetrainingProps } from "./contract";
import { ofRun } from "./processing";

/** A channel of CSV parts, as a JSONata object. Only the training rows are spread over several instances. */
const channel = (name: "train" | "validation"): string => {
  const distribution =
    name === "train" ? "$plan.compute.instanceCount > 1 ? 'ShardedByS3Key' : 'FullyReplicated'" : "'FullyReplicated'";
  return (
    `{'ChannelName': '${name}', 'ContentType': 'text/csv', 'InputMode': 'File', 'DataSource': {'S3DataSource': {` +
    `'S3DataType': 'S3Prefix', 'S3Uri': ${ofRun(name)}, 'S3DataDistributionType': ${distribution}}}}`
  );
};

/** What a training of the run needs beside the model's own template, as a JSONata object. */
const trainingOfRun = ({ keyArn }: RetrainingProps, channels: readonly ("train" | "validation")[], folder: RunPath) =>
  `$merge([{
    'InputDataConfig': [${channels.map(channel).join(", ")}],
    'OutputDataConfig': {'S3OutputPath': ${ofRun(folder)}, 'KmsKeyId': '${keyArn}'},
    'ResourceConfig': $merge([{
      'InstanceType': $plan.compute.instanceType,
      'InstanceCount': $plan.compute.instanceCount,
      'VolumeSizeInGB': $plan.compute.volumeSizeInGB
    }, $plan.compute.takesVolumeKey ? {'VolumeKmsKeyId': '${keyArn}'} : {}]),
    'StoppingCondition': $merge([
      {'MaxRuntimeInSeconds': $plan.compute.maxRuntimeInSeconds},
      $this.spot ? {'MaxWaitTimeInSeconds': 2 * $plan.compute.maxRuntimeInSeconds} : {}
    ])
  }, $this.spot ? {
    'EnableManagedSpotTraining': true,
    'CheckpointConfig': {'S3Uri': ${ofRun(`checkpoints/${folder}`)}}
  } : {}])`;

/** A job may fail for want of instances, or be refused before it exists: then the next size of the table has its turn. */
const capacity = (again: string): State => ({
  Type: "Choice",
  Choices: [
    {
      Condition: jsonata(
        "$exists($plan.fallbacks[0]) and " +
          "$contains($failure.error & ' ' & $failure.cause, /CapacityError|ResourceLimitExceeded|MaxWaitTimeExceeded/)",
      ),
      Assign: {
        plan: "{% $merge([$plan, {'compute': $plan.fallbacks[0], 'fallbacks': [$plan.fallbacks[[1..9]]]}]) %}",
        attempt: "{% $attempt + 1 %}",
      },
      Next: again,
    },
  ],
  Default: "Failed",
});

/** The model that labels is trained on the train split alone, so that the validation split can tell its precision. */
export const labellingModelStates = (props: RetrainingProps): Record<string, State> => ({
  "Train labelling model": step(
    "Train labelling model",
    task("sagemaker:createTrainingJob.sync", {
      Arguments: jsonata(`$merge([$this.trainingJob, ${trainingOfRun(props, ["train"], RUN_FILES.labellingModel)}, {
        'TrainingJobName': $this.prefix & '-' & $plan.runId & '-' & $substring('abcd', $attempt - 1, 1),
        'HyperParameters': $this.labellingHyperparameters
      }])`),
      Assign: { labellingModel: "{% $states.result.ModelArtifacts.S3ModelArtifacts %}" },
      Next: "Label automatically",
    }),
    "Capacity for labelling?",
  ),
  "Capacity for labelling?": capacity("Train labelling model"),
});

/** Name of the tuning job, as a JSONata expression. */
const TUNING_JOB = "$this.tuning.prefix & $substring('abcd', $attempt - 1, 1) & '-' & $plan.runId";

/** Trains on the compute that the plan chose: once, or many times to tune the hyperparameters. */
export const trainStates = (props: RetrainingProps): Record<string, State> => ({
  "Choose compute": {
    Type: "Choice",
    Choices: [{ Condition: "{% $exists($this.tuning) %}", Assign: { attempt: 1 }, Next: "Tune" }],
    Assign: { attempt: 1 },
    Default: "Train",
  },
  Train: step(
    "Train",
    task("sagemaker:createTrainingJob.sync", {
      Arguments: jsonata(`$merge([$this.trainingJob, ${trainingOfRun(props, ["train", "validation"], "output")}, {
        'TrainingJobName': $this.prefix & '-' & $plan.runId & ($attempt > 1 ? '-' & $string($attempt) : '')
      }])`),
      Assign: { artefact: "{% $states.result.ModelArtifacts.S3ModelArtifacts %}" },
      Next: "Evaluate",
    }),
    "Capacity?",
  ),
  "Capacity?": capacity("Train"),
  Tune: step(
    "Tune",
    task("sagemaker:createHyperParameterTuningJob.sync", {
      Arguments: jsonata(`{
        'HyperParameterTuningJobName': ${TUNING_JOB},
        'HyperParameterTuningJobConfig': $this.tuning.job,
        'TrainingJobDefinition': $merge([
          $this.tuning.definition, ${trainingOfRun(props, ["train", "validation"], "output")}
        ]),
        'Tags': $this.trainingJob.Tags
      }`),
      Assign: { best: "{% $states.result.BestTrainingJob.TrainingJobName %}" },
      Next: "Describe best",
    }),
    "Look into tuning",
  ),
  // The tuning job itself does not say why its trainings failed. One that could not be created has none.
  "Look into tuning": {
    ...task("aws-sdk:sagemaker:listTrainingJobsForHyperParameterTuningJob", {
      Arguments: { HyperParameterTuningJobName: `{% ${TUNING_JOB} %}`, StatusEquals: "Failed", MaxResults: 1 },
      Assign: {
        failure: jsonata(`$merge([$failure, {
          'cause': $join([$failure.cause, $states.result.TrainingJobSummaries[0].FailureReason], ' ')
        }])`),
      },
      Next: "Capacity for tuning?",
    }),
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "Capacity for tuning?" }],
  },
  "Capacity for tuning?": capacity("Tune"),
  "Describe best": step(
    "Tune",
    task("aws-sdk:sagemaker:describeTrainingJob", {
      Arguments: { TrainingJobName: "{% $best %}" },
      Assign: { artefact: "{% $states.result.ModelArtifacts.S3ModelArtifacts %}" },
      Next: "Evaluate",
    }),
  ),
});
