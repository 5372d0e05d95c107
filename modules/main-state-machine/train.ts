import { jsonata, type State, step, THROTTLED, task } from "./asl";
import type { RetrainingProps } from "./contract";

/** A channel of CSV parts, as a JSONata object. */
const channel = (name: string, distribution: string) =>
  `{'ChannelName': '${name}', 'ContentType': 'text/csv', 'InputMode': 'File', 'DataSource': {'S3DataSource': {` +
  `'S3DataType': 'S3Prefix', 'S3Uri': 's3://' & $this.bucket & '/runs/' & $plan.runId & '/${name}/', ` +
  `'S3DataDistributionType': ${distribution}}}}`;

/** Trains on the compute that the plan chose. */
export const trainStates = ({ keyArn }: RetrainingProps): Record<string, State> => ({
  "Choose compute": { Type: "Pass", Assign: { attempt: 1 }, Next: "Train" },
  Train: step(
    "Train",
    task("sagemaker:createTrainingJob.sync", {
      Arguments: jsonata(`$merge([$this.trainingJob, {
        'TrainingJobName': $this.prefix & '-' & $plan.runId & ($attempt > 1 ? '-' & $string($attempt) : ''),
        'InputDataConfig': [
          ${channel("train", "$plan.compute.instanceCount > 1 ? 'ShardedByS3Key' : 'FullyReplicated'")},
          ${channel("validation", "'FullyReplicated'")}
        ],
        'OutputDataConfig': {'S3OutputPath': 's3://' & $this.bucket & '/runs/' & $plan.runId & '/output'},
        'ResourceConfig': {
          'InstanceType': $plan.compute.instanceType,
          'InstanceCount': $plan.compute.instanceCount,
          'VolumeSizeInGB': $plan.compute.volumeSizeInGB,
          'VolumeKmsKeyId': '${keyArn}'
        },
        'StoppingCondition': {'MaxRuntimeInSeconds': $plan.compute.maxRuntimeInSeconds}
      }])`),
      Assign: { artefact: "{% $states.result.ModelArtifacts.S3ModelArtifacts %}" },
      Retry: THROTTLED,
      Next: "Evaluate",
    }),
    "Capacity?",
  ),
  // A job may fail for want of instances, or be refused before it exists.
  "Capacity?": {
    Type: "Choice",
    Choices: [
      {
        Condition: jsonata(
          "$exists($plan.fallbacks[0]) and " +
            "$contains($failure.error & ' ' & $failure.cause, /CapacityError|ResourceLimitExceeded/)",
        ),
        Assign: {
          plan: "{% $merge([$plan, {'compute': $plan.fallbacks[0], 'fallbacks': [$plan.fallbacks[[1..9]]]}]) %}",
          attempt: "{% $attempt + 1 %}",
        },
        Next: "Train",
      },
    ],
    Default: "Failed",
  },
});
