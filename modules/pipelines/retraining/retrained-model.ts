import { createHash } from "node:crypto";
import { ALGORITHMS } from "../../../catalogue/algorithms";
import { asTexts, type Hyperparameters } from "../../../catalogue/algorithms/algorithm";
import { datasetNamed } from "../../../catalogue/datasets";
import { hyperparametersOf, type Model } from "../../../catalogue/models";
import { TARGETS } from "../../../catalogue/targets";
import { scalingOf } from "../../../catalogue/training/scaling";
import type { ModelSettings } from "../../../config";
import { commandLine } from "../../../contracts/jobs";
import { BaseStack } from "../../base/base-stack";
import { endpointParts } from "../../base/naming";
import type { NodeFunction } from "../../functions/node-function";
import type { HostedModel } from "../../sagemaker/hosted-model";
import { storageTakesKey } from "../../sagemaker/model-endpoint";
import { apiVariant } from "../../sagemaker/variant";
import type { UploadedFolder } from "../../storage/asset";
import type { PrivateBucket } from "../../storage/private-bucket";
import type { RetrainedModel } from "./contract";

export interface RetrainedModelProps {
  /** The model's bucket. */
  readonly bucket: PrivateBucket;
  /** Makes rows of the model's dataset. */
  readonly prepare: NodeFunction;
  /** The programs of the processing jobs. */
  readonly evaluation: UploadedFolder;
  /** Tags of every resource of the environment. */
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Makes everything that the retraining state machine knows of one model, as templates of the SageMaker API's requests.
 */
export function retrainedModel(
  hosted: HostedModel,
  { bucket, prepare, evaluation, tags: common }: RetrainedModelProps,
): RetrainedModel {
  const { naming, key } = BaseStack.of(hosted);
  const { model, settings, image, endpoint, trainingRole, servingRole } = hosted;
  const { serving, training, retraining } = settings;
  const vpc = (of: typeof training.vpc) =>
    of && { VpcConfig: { Subnets: of.subnetIds, SecurityGroupIds: of.securityGroupIds } };
  const tags = Object.entries({ ...common, Model: model.name }).map(([Key, Value]) => ({ Key, Value }));
  const isolation = (of: { readonly networkIsolation?: boolean | undefined }) => ({
    EnableNetworkIsolation: of.networkIsolation ?? false,
  });
  const { names } = ALGORITHMS[model.algorithm];
  const hyperparameters = hyperparametersOf(model);
  const job = {
    ...isolation(training),
    ...vpc(training.vpc),
    AlgorithmSpecification: {
      TrainingImage: image,
      TrainingInputMode: "File",
      // SageMaker knows the metrics of its own algorithms and takes no others for them.
      ...(settings.image === "ecr" && { MetricDefinitions: metricDefinitions(model) }),
    },
    RoleArn: trainingRole.arn,
  };
  return {
    bucket: bucket.name,
    prepareFunction: prepare.liveArn,
    image,
    task: TARGETS[model.target].task,
    endpoint: endpoint.name,
    servingParameter: endpoint.servingParameter.name,
    prefix: naming.of("sagemakerPrefix", ...endpointParts(model.name, serving.mode)),
    retainCapacity: serving.mode === "realtime",
    limits: { maximumCostInUsd: retraining.maximumCostInUsd, trainingJobs: trainingJobs(model, settings) },
    policy: {
      approval: retraining.approval,
      labelling: retraining.labelling,
      requestsMayLoosen: retraining.requestsMayLoosen,
    },
    oneSided: retraining.oneSided,
    horizonDays: horizonOf(model),
    labellingHyperparameters: asTexts({
      ...without(hyperparameters, [names.patience]),
      [names.rounds]: LABELLING_ROUNDS,
    }),
    labellingArguments: commandLine("label", {
      model: model.name,
      precision: String(retraining.labelling.precision),
      confidence: String(retraining.labelling.confidence),
      labels: retraining.labelling.automaticLabels,
      maximumPeople: String(retraining.labelling.maximumTasks),
    }),
    spot: training.spot,
    ...(training.tuning && {
      tuning: {
        prefix: naming.of("tuningPrefix", model.name),
        job: tuningJob(model, training.tuning),
        definition: {
          ...job,
          StaticHyperParameters: asTexts(
            without(hyperparameters, Object.keys({ ...training.tuning.integers, ...training.tuning.numbers })),
          ),
        },
      },
    }),
    trainingJob: { ...job, Tags: tags, HyperParameters: asTexts(hyperparameters) },
    servedModel: { ...isolation(serving), Tags: tags, ...vpc(serving.vpc), ExecutionRoleArn: servingRole.arn },
    endpointConfiguration: { Tags: tags, ...(storageTakesKey(serving) && { KmsKeyId: key.arn }) },
    productionVariant: apiVariant(serving),
    ...(endpoint.scaling && {
      scaling: { ...endpoint.scaling.requests, target: { ...endpoint.scaling.requests.target, Tags: common } },
    }),
    ...(endpoint.guardrails && { deployment: endpoint.guardrails.deployment }),
    lastRunParameter: endpoint.lastRunParameter.name,
    versions: hosted.versions.name,
    gate: retraining.gate ?? TARGETS[model.target].defaultGate,
    undecided: retraining.undecided,
    versionsToKeep: retraining.versionsToKeep,
    evaluation: {
      RoleArn: trainingRole.arn,
      Tags: tags,
      NetworkConfig: { ...isolation(training), ...vpc(training.vpc) },
    },
    evaluationCode: evaluation.uri,
    codeVersion: createHash("sha256").update(`${prepare.codeHash}\n${evaluation.hash}`).digest("hex"),
    evaluationArguments: evaluationArguments(model, retraining.alertBudget),
  };
}

/**
 * Rounds of the labelling model: enough to know who is surely what. Without a validation channel nothing stops it
 * early.
 */
const LABELLING_ROUNDS = 100;

const without = (hyperparameters: Hyperparameters, names: readonly string[]): Hyperparameters =>
  Object.fromEntries(Object.entries(hyperparameters).filter(([name]) => !names.includes(name)));

/** Counts the trainings that a run may pay for: one or those of the tuning, and that of the model that labels. */
const trainingJobs = ({ target }: Model, { training, retraining }: ModelSettings): number =>
  (training.tuning?.maximumJobs ?? 1) +
  Number(TARGETS[target].judgedByPeople && retraining.labelling.provider === "own");

const metricOf = (model: Model): string => String(hyperparametersOf(model)[ALGORITHMS[model.algorithm].names.metric]);

/** Tells SageMaker where the log of our own image has the metric. */
const metricDefinitions = (model: Model) =>
  ["train", "validation"].map((channel) => ({
    Name: `${channel}:${metricOf(model)}`,
    Regex: ALGORITHMS[model.algorithm].logged(channel, metricOf(model)),
  }));

function tuningJob(model: Model, tuning: NonNullable<ModelSettings["training"]["tuning"]>) {
  const ranges = (of: Readonly<Record<string, { from: number; to: number }>>) =>
    Object.entries(of).map(([Name, { from, to }]) => ({
      Name,
      MinValue: String(from),
      MaxValue: String(to),
      ScalingType: "Auto",
    }));
  const { names, maximisedMetrics } = ALGORITHMS[model.algorithm];
  const metric = metricOf(model);
  return {
    Strategy: tuning.strategy,
    // One seed for the values that are tried and for the trainings, so that the same run finds the same model.
    RandomSeed: Number(hyperparametersOf(model)[names.seed]),
    HyperParameterTuningJobObjective: {
      Type: maximisedMetrics.includes(metric) ? "Maximize" : "Minimize",
      MetricName: `validation:${metric}`,
    },
    ResourceLimits: {
      MaxNumberOfTrainingJobs: tuning.maximumJobs,
      MaxParallelTrainingJobs: tuning.parallelJobs,
    },
    ParameterRanges: {
      IntegerParameterRanges: ranges(tuning.integers),
      ContinuousParameterRanges: ranges(tuning.numbers),
      CategoricalParameterRanges: [],
    },
  };
}

const horizonOf = ({ horizonDays }: Model): string => String(horizonDays ?? "none");

/** Lists the evaluation program's arguments for a model, apart from those that only a run knows. */
function evaluationArguments(model: Model, alertBudget: number): readonly string[] {
  const { name, dataset, target, riskThresholds } = model;
  const age = datasetNamed(dataset).features.findIndex((feature) => feature.name === "age");
  return commandLine("evaluate", {
    model: name,
    task: TARGETS[target].task,
    horizonDays: horizonOf(model),
    alertBudget: String(alertBudget),
    ageFeature: age < 0 ? "none" : String(age),
    riskThresholds: riskThresholds === undefined ? "none" : JSON.stringify(riskThresholds),
    scaling: JSON.stringify(scalingOf(model)),
  });
}
