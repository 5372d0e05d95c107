import type { Compute } from "../../../catalogue/training/compute";
import { takesVolumeKey } from "../../../catalogue/training/instance-storage";
import { JOBS, type JobInputs, type JobName, PROCESSING } from "../../../contracts/jobs";
import type { RunPath } from "../../../contracts/run-layout";
import { entry } from "../../base/tables";
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

/** JSONata object of an input: what lies under an S3 prefix becomes a folder of the container. */
const input = ([name, uri]: readonly [string, Expression]): string =>
  `{'InputName': '${name}', 'S3Input': {'S3Uri': ${uri}, 'LocalPath': '${PROCESSING}/${name}', 'S3DataType': 'S3Prefix', ` +
  "'S3InputMode': 'File', 'S3DataDistributionType': 'FullyReplicated'}}";

/** JSONata object of an output: a folder of the container goes to a folder of the run. */
const output = ({ folder, to }: { readonly folder: string; readonly to: RunPath }): string =>
  `{'OutputName': '${folder.replace("/", "-")}', 'S3Output': {'S3Uri': ${ofRun(to)}, ` +
  `'LocalPath': '${PROCESSING}/${folder}', 'S3UploadMode': 'EndOfJob'}}`;

interface ProcessingJob<Name extends JobName> {
  readonly name: Name;
  /** Ends the job's name, after those of the model and the run. */
  readonly suffix: string;
  /** JSONata of S3 URIs, by what the program reads there. */
  readonly inputs: JobInputs<Name, Expression>;
  /** JSONata of an array of strings. */
  readonly arguments: string;
  readonly instanceType: string;
  readonly keyArn: string;
}

/** JSONata of the request for a processing job that runs a program of ours in the training image. */
export function processingJob<Name extends JobName>({ instanceType, keyArn, ...job }: ProcessingJob<Name>): string {
  const { program, inputs: folders, outputs } = JOBS[job.name];
  const inputs = Object.entries<Expression>(job.inputs).map(([of, uri]) => [entry(folders, of), uri] as const);
  return `$merge([${modelSettings.evaluation}, {
    'ProcessingJobName': ${modelSettings.prefix} & '-' & ${plan.runId} & '${job.suffix}',
    'ProcessingInputs': [${[["code", modelSettings.evaluationCode] as const, ...inputs].map(input).join(", ")}],
    'ProcessingOutputConfig': {
      'KmsKeyId': '${keyArn}',
      'Outputs': [${Object.values(outputs).map(output).join(", ")}]
    },
    'AppSpecification': {
      'ImageUri': ${modelSettings.image},
      'ContainerEntrypoint': ['python3', '${PROCESSING}/code/${program}'],
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
