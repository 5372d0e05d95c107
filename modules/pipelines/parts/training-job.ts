import type { Compute } from "../../../catalogue/training/compute";
import type { RunPath, Split } from "../../../contracts/run-layout";
import { variables } from "../variables";
import { ofRun, type RunFolderVariables } from "./run-folder";

export type TrainingJobVariables = RunFolderVariables & {
  readonly plan: { readonly compute: Compute };
  readonly modelSettings: {
    /** Interruptible instances; a run that waits longer for them fails. */
    readonly spot: boolean;
  };
};

const { plan, modelSettings } = variables<TrainingJobVariables>();

/** Splits that a training reads. */
type Channel = Exclude<Split, "test">;

/** JSONata object of a channel of CSV parts. Only the training rows are spread over several instances. */
const channel = (name: Channel): string => {
  const distribution =
    name === "train" ? `${plan.compute.instanceCount} > 1 ? 'ShardedByS3Key' : 'FullyReplicated'` : "'FullyReplicated'";
  return (
    `{'ChannelName': '${name}', 'ContentType': 'text/csv', 'InputMode': 'File', 'DataSource': {'S3DataSource': {` +
    `'S3DataType': 'S3Prefix', 'S3Uri': ${ofRun(name)}, 'S3DataDistributionType': ${distribution}}}}`
  );
};

interface TrainingOfRun {
  readonly channels: readonly Channel[];
  /** Folder of the run that the model goes to. */
  readonly output: RunPath;
  readonly keyArn: string;
}

/** JSONata object of what a training of the run asks for beside the model's own template. */
export const trainingOfRun = ({ channels, output, keyArn }: TrainingOfRun): string =>
  `$merge([{
    'InputDataConfig': [${channels.map(channel).join(", ")}],
    'OutputDataConfig': {'S3OutputPath': ${ofRun(output)}, 'KmsKeyId': '${keyArn}'},
    'ResourceConfig': $merge([{
      'InstanceType': ${plan.compute.instanceType},
      'InstanceCount': ${plan.compute.instanceCount},
      'VolumeSizeInGB': ${plan.compute.volumeSizeInGB}
    }, ${plan.compute.takesVolumeKey} ? {'VolumeKmsKeyId': '${keyArn}'} : {}]),
    'StoppingCondition': $merge([
      {'MaxRuntimeInSeconds': ${plan.compute.maxRuntimeInSeconds}},
      ${modelSettings.spot} ? {'MaxWaitTimeInSeconds': 2 * ${plan.compute.maxRuntimeInSeconds}} : {}
    ])
  }, ${modelSettings.spot} ? {
    'EnableManagedSpotTraining': true,
    'CheckpointConfig': {'S3Uri': ${ofRun(`checkpoints/${output}`)}}
  } : {}])`;
