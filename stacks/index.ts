import type { App } from "cdktf";
import type { Model } from "../catalogue/models";
import type { Config } from "../config";
import type { Bundles } from "../modules/functions/function-factory";
import type { Asset } from "../modules/storage/asset";
import { ApiStack } from "./api";
import { InterventionsStack } from "./interventions";
import { MonitoringStack } from "./monitoring";
import { OperatorsStack } from "./operators";
import { SagemakerStack } from "./sagemaker";
import { ScoringStack } from "./scoring";
import { StepFunctionsStack } from "./step-functions";
import { StorageStack } from "./storage";

export interface FrameworkProps {
  readonly config: Config;
  readonly models: readonly Model[];
  readonly bundles: Bundles;
  /** By model. */
  readonly initialModels: Readonly<Record<string, Asset>>;
  readonly evaluationCode: readonly Asset[];
}

/** Adds all stacks of one environment, in the order in which they build on each other. */
export function addStacks(app: App, { config, models, bundles, initialModels, evaluationCode }: FrameworkProps) {
  const storage = new StorageStack(app, { config, models });
  const sagemaker = new SagemakerStack(app, { config, models, storage, initialModels });
  const interventions = new InterventionsStack(app, { config, storage, bundles });
  const operators = new OperatorsStack(app, { config, storage, bundles });
  // A first deployment may stop at the endpoints, and cdktf then ends stacks beside it before their state is written.
  for (const stack of [interventions, operators]) stack.addDependency(sagemaker);
  const api = new ApiStack(app, { config, storage, interventions, sagemaker, bundles });
  const stepFunctions = new StepFunctionsStack(app, { config, storage, sagemaker, bundles, evaluationCode });
  const scoring = new ScoringStack(app, { config, storage, sagemaker, api, stepFunctions, bundles });
  const monitoring = new MonitoringStack(app, { config, storage, sagemaker, stepFunctions, bundles });
  return { storage, interventions, operators, sagemaker, api, stepFunctions, scoring, monitoring };
}
