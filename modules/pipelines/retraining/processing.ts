import { takesVolumeKey } from "../../../catalogue/training/instance-storage";
import { type RunPath, runKey } from "../../../contracts/run-layout";
import type { RetrainingProps } from "./contract";

const ROOT = "/opt/ml/processing";

/** The key of a folder of the run, as a JSONata expression. */
export const keyOfRun = (folder: RunPath): string => `'${runKey("' & $plan.runId & '", `${folder}/`)}'`;

/** The URI of a folder of the run, as a JSONata expression. */
export const ofRun = (folder: RunPath): string => `'s3://' & $this.bucket & '/' & ${keyOfRun(folder)}`;

/** An input as a JSONata object: what lies under an S3 prefix becomes a folder of the container. */
const input = ([name, uri]: readonly [string, string]): string =>
  `{'InputName': '${name}', 'S3Input': {'S3Uri': ${uri}, 'LocalPath': '${ROOT}/${name}', 'S3DataType': 'S3Prefix', ` +
  "'S3InputMode': 'File', 'S3DataDistributionType': 'FullyReplicated'}}";

/** An output as a JSONata object: a folder of the container goes to a folder of the run. */
const output = ([path, folder]: readonly [string, RunPath]): string =>
  `{'OutputName': '${path.replace("/", "-")}', 'S3Output': {'S3Uri': ${ofRun(folder)}, ` +
  `'LocalPath': '${ROOT}/${path}', 'S3UploadMode': 'EndOfJob'}}`;

interface ProcessingJob {
  /** Of a job of this kind, after the names of the model and the run. */
  readonly suffix: string;
  readonly program: string;
  /** By the name of their folder: JSONata expressions of S3 URIs. */
  readonly inputs: Readonly<Record<string, string>>;
  /** By their folder in the container: folders of the run. */
  readonly outputs: Readonly<Record<string, RunPath>>;
  /** JSONata expression of an array of strings. */
  readonly arguments: string;
}

/** The request for a processing job in the training image, as a JSONata expression. */
export function processingJob({ settings, keyArn }: RetrainingProps, job: ProcessingJob): string {
  const inputs = Object.entries({ code: "$this.evaluationCode", ...job.inputs });
  const { evaluationInstanceType } = settings;
  return `$merge([$this.evaluation, {
    'ProcessingJobName': $this.prefix & '-' & $plan.runId & '${job.suffix}',
    'ProcessingInputs': [${inputs.map(input).join(", ")}],
    'ProcessingOutputConfig': {
      'KmsKeyId': '${keyArn}',
      'Outputs': [${Object.entries(job.outputs).map(output).join(", ")}]
    },
    'AppSpecification': {
      'ImageUri': $this.image,
      'ContainerEntrypoint': ['python3', '${ROOT}/code/${job.program}'],
      'ContainerArguments': ${job.arguments}
    },
    'ProcessingResources': {'ClusterConfig': {
      'InstanceCount': 1,
      'InstanceType': '${evaluationInstanceType}',
      ${takesVolumeKey(evaluationInstanceType) ? `'VolumeKmsKeyId': '${keyArn}',` : ""}
      'VolumeSizeInGB': $plan.compute.volumeSizeInGB
    }},
    'StoppingCondition': {'MaxRuntimeInSeconds': $plan.compute.maxRuntimeInSeconds}
  }])`;
}
