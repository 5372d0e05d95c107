import type { Compute } from "../../../catalogue/training/compute";
import { takesVolumeKey } from "../../../catalogue/training/instance-storage";
import type { RunPath } from "../../../contracts/run-layout";
import { type Expression, variables } from "../variables";
import { ofRun, type RunFolderVariables } from "./run-folder";

export type ProcessingJobVariables = RunFolderVariables & {
  readonly modelSettings: {
    /** Start of the names of the model's jobs, SageMaker models and endpoint configurations. */
    readonly prefix: string;
    readonly image: string;
    /** Template of a processing job. */
    readonly evaluation: object;
    /** `s3://…/` with `evaluate.py` and `label.py`. */
    readonly evaluationCode: string;
  };
  readonly plan: { readonly compute: Compute };
};

const { plan, modelSettings } = variables<ProcessingJobVariables>();

const ROOT = "/opt/ml/processing";

/** JSONata object of an input: what lies under an S3 prefix becomes a folder of the container. */
const input = ([name, uri]: readonly [string, Expression]): string =>
  `{'InputName': '${name}', 'S3Input': {'S3Uri': ${uri}, 'LocalPath': '${ROOT}/${name}', 'S3DataType': 'S3Prefix', ` +
  "'S3InputMode': 'File', 'S3DataDistributionType': 'FullyReplicated'}}";

/** JSONata object of an output: a folder of the container goes to a folder of the run. */
const output = ([path, folder]: readonly [string, RunPath]): string =>
  `{'OutputName': '${path.replace("/", "-")}', 'S3Output': {'S3Uri': ${ofRun(folder)}, ` +
  `'LocalPath': '${ROOT}/${path}', 'S3UploadMode': 'EndOfJob'}}`;

interface ProcessingJob {
  /** Ends the job's name, after those of the model and the run. */
  readonly suffix: string;
  readonly program: string;
  /** JSONata of S3 URIs, by the name of their folder in the container. */
  readonly inputs: Readonly<Record<string, Expression>>;
  /** Folders of the run, by their folder in the container. */
  readonly outputs: Readonly<Record<string, RunPath>>;
  /** JSONata of an array of strings. */
  readonly arguments: string;
  readonly instanceType: string;
  readonly keyArn: string;
}

/** JSONata of the request for a processing job that runs a program of ours in the training image. */
export function processingJob({ instanceType, keyArn, ...job }: ProcessingJob): string {
  const inputs = Object.entries({ code: modelSettings.evaluationCode, ...job.inputs });
  return `$merge([${modelSettings.evaluation}, {
    'ProcessingJobName': ${modelSettings.prefix} & '-' & ${plan.runId} & '${job.suffix}',
    'ProcessingInputs': [${inputs.map(input).join(", ")}],
    'ProcessingOutputConfig': {
      'KmsKeyId': '${keyArn}',
      'Outputs': [${Object.entries(job.outputs).map(output).join(", ")}]
    },
    'AppSpecification': {
      'ImageUri': ${modelSettings.image},
      'ContainerEntrypoint': ['python3', '${ROOT}/code/${job.program}'],
      'ContainerArguments': ${job.arguments}
    },
    'ProcessingResources': {'ClusterConfig': {
      'InstanceCount': 1,
      'InstanceType': '${instanceType}',
      ${takesVolumeKey(instanceType) ? `'VolumeKmsKeyId': '${keyArn}',` : ""}
      'VolumeSizeInGB': ${plan.compute.volumeSizeInGB}
    }},
    'StoppingCondition': {'MaxRuntimeInSeconds': ${plan.compute.maxRuntimeInSeconds}}
  }])`;
}
