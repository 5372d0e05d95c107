import { run } from "./variables";

const { modelSettings, plan, deployment } = run;

/** JSONata for the name of the SageMaker model of the version that a run deploys. */
export const MODEL = `${modelSettings.prefix} & '-' & ${plan.runId}`;

/** JSONata for the name of the endpoint configuration that a run deploys: each run makes its own. */
export const CONFIGURATION = `${modelSettings.prefix} & '-' & ${deployment}`;
