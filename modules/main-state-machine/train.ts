import { jsonata, type State, step, THROTTLED, task } from "./asl";
import type { RetrainingProps } from "./contract";

/** A channel of CSV parts, as a JSONata object. */
const channel = (name: string, distribution: string) =>
  `{'ChannelName': '${name}', 'ContentType': 'text/csv', 'InputMode': 'File', 'DataSource': {'S3DataSource': {` +
  `'S3DataType': 'S3Prefix', 'S3Uri': 's3://' & $this.bucket & '/runs/' & $plan.runId & '/${name}/', ` +
  `'S3DataDistributionType': ${distribution}}}}`;

/** Trains on the compute that the plan chose. */
export const trainStates = ({ keyArn }: RetrainingProps): Record<string, State> => ({
  Train: step(
    "Train",
    task("sagemaker:createTrainingJob.sync", {
      Arguments: jsonata(`$merge([$this.trainingJob, {
        'TrainingJobName': $this.prefix & '-' & $plan.runId,
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
      Next: "Create model",
    }),
  ),
});
