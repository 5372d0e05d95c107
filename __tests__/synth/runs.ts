import { type Model, models } from "../../catalogue/models";
import { parseConfig } from "../../config";
import { production } from "../../config/production";
import { type Plan, plan } from "../../handlers/retraining/plan/logic";
import { evaluate, type MainStateMachine, type State } from "./states";

export const [MB, GB, TB] = [1e6, 1e9, 1e12] as const;
const MIB = 2 ** 20;

export const [BEFORE, HARM, MARKETING] = models.map(({ name }) => name) as [string, string, string];

const tuning = {
  maximumJobs: 12,
  parallelJobs: 3,
  integers: { max_depth: { from: 3, to: 8 } },
  numbers: { eta: { from: 0.02, to: 0.3 }, subsample: { from: 0.5, to: 1 } },
};
const retraining = { schedule: "rate(7 days)", enabled: true };
const oneInstance = { mode: "realtime", instanceType: "ml.m5.large", minInstances: 1, maxInstances: 2 } as const;

/** Production with what it does not use: our own image, spot instances, tuning, one instance or none to serve with. */
export const varied = parseConfig(
  {
    ...production,
    models: {
      [BEFORE]: { serving: oneInstance, image: "ecr", imageTag: "1", retraining, training: { spot: true, tuning } },
      [HARM]: {
        serving: { mode: "serverless", memorySizeInMb: 2048, maxConcurrency: 5 },
        retraining: { ...retraining, labelling: { provider: "none" } },
        training: { tuning },
      },
      [MARKETING]: {
        serving: oneInstance,
        image: "ecr",
        imageTag: "1",
        retraining,
        training: { tuning: { ...tuning, strategy: "Bayesian" } },
      },
    },
  },
  "varied",
);

/** Training data in objects of as many bytes as a group takes, or another size; the last is smaller. */
export function objectsOf(bytes: number, most = 512 * MIB) {
  return Array.from({ length: Math.ceil(bytes / most) }, (_, index) => ({
    key: `records/${String(index).padStart(6, "0")}.jsonl`,
    size: Math.min(most, bytes - index * most),
    modifiedAt: "2026-11-01T00:00:00.000Z",
    etag: `"${index}"`,
  }));
}

export const modelNamed = (name: string) => models.find((model) => model.name === name) as Model;

/** Plans as the plan function would for a model with so much training data. */
export function planOf(name: string, bytes: number): Plan {
  const limits = { maximumCostInUsd: 1e6, trainingJobs: 1 };
  return plan(
    { model: name, execution: "execution", startedAt: "2026-11-01T00:00:00Z", limits },
    modelNamed(name),
    "0123456789abcdef",
    { objects: objectsOf(bytes), ignored: "", newObjects: 1, goneObjects: 0 },
    [],
    {
      champion: {
        modelVersion: "initial",
        featureHash: "0123456789abcdef",
        artefact: "s3://bucket/initial/model.tar.gz",
      },
    },
    { bucket: "bucket", region: "eu-west-1" },
  );
}

/** Evaluates the arguments with which a state of the machine calls a service. */
export const argumentsOf = async <T = Readonly<Record<string, unknown>>>(
  { perModel }: MainStateMachine,
  state: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<T> => (await evaluate((perModel[state] as State).Arguments, variables)) as T;

interface Training {
  readonly TrainingJobName: string;
  readonly InputDataConfig: readonly {
    readonly ChannelName: string;
    readonly DataSource: { readonly S3DataSource: { readonly S3Uri: string; readonly S3DataDistributionType: string } };
  }[];
  readonly ResourceConfig: Readonly<Record<string, unknown>>;
  readonly StoppingCondition: { readonly MaxRuntimeInSeconds: number; readonly MaxWaitTimeInSeconds?: number };
  readonly HyperParameters: Readonly<Record<string, string>>;
  readonly CheckpointConfig?: { readonly S3Uri: string };
  readonly Tags: unknown;
}

/** The training job that a model's run asks for. */
export const training = (machine: MainStateMachine, name: string, bytes: number, state = "Train"): Promise<Training> =>
  argumentsOf(machine, state, { modelSettings: machine.settings[name], plan: planOf(name, bytes), attempt: 1 });
