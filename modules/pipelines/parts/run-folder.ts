import { type RunPath, runKey } from "../../../contracts/run-layout";
import { variables } from "../variables";

export interface RunFolderVariables {
  readonly modelSettings: {
    /** The model's bucket. */
    readonly bucket: string;
  };
  readonly plan: { readonly runId: string };
}

const { plan, modelSettings } = variables<RunFolderVariables>();

/** JSONata for the key of a folder of the run. */
export const keyOfRun = (folder: RunPath): string => `'${runKey(`' & ${plan.runId} & '`, `${folder}/`)}'`;

/** JSONata for the URI of a folder of the run. */
export const ofRun = (folder: RunPath): string => `'s3://' & ${modelSettings.bucket} & '/' & ${keyOfRun(folder)}`;
