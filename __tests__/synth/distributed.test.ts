import { ALGORITHMS } from "../../catalogue/algorithms";
import { models } from "../../catalogue/models";
import { computes, TIERS } from "../../catalogue/training/compute";
import { loadConfig } from "../../config";
import { groupObjects } from "../../handlers/lib/records/groups";
import type { Plan } from "../../handlers/retraining/plan/logic";
import { argumentsOf, BEFORE, GB, HARM, MB, modelNamed, objectsOf, planOf, TB, training, varied } from "./runs";
import { evaluate, mainStateMachine, type State } from "./states";
import { synthesize } from "./synthesize";

// The distributed case: what SageMaker and Step Functions are asked for with data from 1 MB to 10 TB, by the expressions
// of the synthesized state machine over the plans of the plan function.

const KIB = 2 ** 10;
const MIB = 2 ** 20;

const asDeployed = mainStateMachine(synthesize("production").stepFunctions);
const asVaried = mainStateMachine(synthesize(varied).stepFunctions);

describe.each([
  ...TIERS.flatMap(({ maxBytes }) => [maxBytes, maxBytes + 1]).filter((bytes) => bytes <= 10 * TB),
  ...[1 * MB, 1 * GB, 100 * GB, 700 * GB],
])("training on %d bytes", (bytes) => {
  const { runId, compute } = planOf(HARM, bytes);
  const distributed = compute.instanceCount > 1;
  test("is distributed from 400 GB on", () => expect(distributed).toBe(bytes > 400 * GB));

  test(`${distributed ? "shards" : "replicates"} the training rows, and replicates those of validation`, async () => {
    const { InputDataConfig } = await training(asDeployed, HARM, bytes);
    const channels = InputDataConfig.map(({ ChannelName, DataSource: { S3DataSource } }) => [
      ChannelName,
      S3DataSource.S3Uri,
      S3DataSource.S3DataDistributionType,
    ]);
    expect(channels).toEqual([
      ["train", `s3://reference/rows/${runId}/train/`, distributed ? "ShardedByS3Key" : "FullyReplicated"],
      ["validation", `s3://reference/rows/${runId}/validation/`, "FullyReplicated"],
    ]);
    // Each group of objects writes one part of the training rows at least, and each instance wants some.
    expect(groupObjects(objectsOf(bytes)).length).toBeGreaterThanOrEqual(compute.instanceCount);
  });

  test("has the compute of the table", async () => {
    const { ResourceConfig, StoppingCondition } = await training(asDeployed, HARM, bytes);
    expect(compute).toEqual(computes(bytes)[0]);
    const { instanceType: InstanceType, instanceCount: InstanceCount, volumeSizeInGB: VolumeSizeInGB } = compute;
    expect(ResourceConfig).toEqual({ InstanceType, InstanceCount, VolumeSizeInGB, VolumeKmsKeyId: "reference" });
    expect(StoppingCondition).toEqual({ MaxRuntimeInSeconds: compute.maxRuntimeInSeconds });
  });
});

test("instances with drives of their own get no key for a volume, and outputs are under our key all the same", async () => {
  const plan = planOf(HARM, 1 * MB);
  const variables = { modelSettings: asDeployed.settings[HARM], attempt: 1 };
  const asked = (takesVolumeKey: boolean) =>
    argumentsOf(asDeployed, "Train", { ...variables, plan: { ...plan, compute: { ...plan.compute, takesVolumeKey } } });
  expect(await asked(true)).toMatchObject({
    OutputDataConfig: { KmsKeyId: "reference" },
    ResourceConfig: { VolumeKmsKeyId: "reference" },
  });
  const without = await asked(false);
  expect(without).toMatchObject({ OutputDataConfig: { KmsKeyId: "reference" } });
  expect(without.ResourceConfig).not.toHaveProperty("VolumeKmsKeyId");
});

test.each([
  ["ml.m5.xlarge", { VolumeKmsKeyId: "reference" }],
  ["ml.m5d.xlarge", {}],
])("an evaluation on %s is given a key for its volume only where it may", async (evaluationInstanceType, key) => {
  const config = loadConfig("production");
  const machine = mainStateMachine(
    synthesize({ ...config, pipeline: { ...config.pipeline, evaluationInstanceType } }).stepFunctions,
  );
  const asked = await argumentsOf(machine, "Evaluate", {
    modelSettings: machine.settings[HARM],
    plan: planOf(HARM, 1 * MB),
    artefact: "s3://bucket/candidate.tar.gz",
  });
  expect(asked).toMatchObject({ ProcessingOutputConfig: { KmsKeyId: "reference" } });
  expect(asked.ProcessingResources).toEqual({
    ClusterConfig: { InstanceCount: 1, InstanceType: evaluationInstanceType, VolumeSizeInGB: 30, ...key },
  });
});

test("each model is trained with its own hyperparameters", async () => {
  for (const name of models.map((model) => model.name)) {
    const { HyperParameters } = await training(asDeployed, name, 1 * TB);
    const { algorithm, hyperparameters } = modelNamed(name);
    const shared = ALGORITHMS[algorithm].hyperparameters;
    expect(HyperParameters).toEqual(
      Object.fromEntries(Object.entries({ ...shared, ...hyperparameters }).map(([key, value]) => [key, String(value)])),
    );
  }
});

test("the model that labels is trained on the training rows alone, without early stopping", async () => {
  const { InputDataConfig, HyperParameters, ResourceConfig } = await training(
    asDeployed,
    HARM,
    1 * TB,
    "Train labelling model",
  );
  expect(InputDataConfig.map(({ ChannelName }) => ChannelName)).toEqual(["train"]);
  expect(HyperParameters).not.toHaveProperty("early_stopping_rounds");
  expect(HyperParameters).toMatchObject({ num_round: "100", objective: "binary:logistic" });
  expect(ResourceConfig).toMatchObject({ InstanceCount: 2 });
});

describe("preparing rows", () => {
  /** Limit of what a state hands on. */
  const PAYLOAD = 256 * KIB;
  const prepareGroup = asDeployed.perModel["Prepare rows"]?.ItemProcessor?.States["Prepare group"] as State;

  test.each([
    ["20,000 groups", 20_000],
    // Two of which would not fit into one group.
    ["10 TB of objects a little above 256 MiB", groupObjects(objectsOf(10 * TB, 256 * MIB + 1)).length],
  ])("the outputs of %s together fit into a state", async (_, count) => {
    const Payload = { rows: { train: 1e6, validation: 1e6, test: 1e6 }, lines: 3e6 };
    const output = await evaluate(prepareGroup.Output, { states: { result: { Payload } } });
    expect(JSON.stringify(Array.from({ length: count }, () => output)).length).toBeLessThan(PAYLOAD);
  });

  test("10 TB of the largest groups are fewer than 20,000", () => {
    expect(groupObjects(objectsOf(10 * TB)).length).toBeLessThan(20_000);
  });
});

describe("no capacity", () => {
  const failures = [
    { error: "SageMaker.ResourceLimitExceededException", cause: "The account-level service limit is 0" },
    { error: "States.TaskFailed", cause: "CapacityError: Unable to provision requested ML compute capacity" },
  ];

  /** The plans of a run whose every try finds no capacity, by the machine's own choice. */
  async function tries(state: string, bytes: number) {
    const [choice] = asDeployed.perModel[state]?.Choices ?? [];
    const plans: { plan: Plan; attempt: number }[] = [{ plan: planOf(HARM, bytes), attempt: 1 }];
    for (const failure of [...failures, ...failures]) {
      const variables = { ...plans.at(-1), failure };
      if (!(await evaluate(choice?.Condition, variables))) break;
      plans.push((await evaluate(choice?.Assign, variables)) as (typeof plans)[number]);
    }
    return plans;
  }

  test.each([
    ["Capacity?", "Train"],
    ["Capacity for labelling?", "Train labelling model"],
    ["Capacity for tuning?", "Tune"],
  ])("%s tries the next sizes of the table, and then gives up", async (state, again) => {
    expect(asDeployed.perModel[state]).toMatchObject({ Choices: [{ Next: again }], Default: "Failed" });
    for (const bytes of [1 * MB, 100 * GB, 1 * TB]) {
      const found = await tries(state, bytes);
      expect(found.map(({ plan: { compute } }) => compute)).toEqual(computes(bytes));
      expect(found.map(({ attempt }) => attempt)).toEqual(found.map((_, index) => index + 1));
    }
  });

  test("another failure is none of capacity's", async () => {
    const [choice] = asDeployed.perModel["Capacity?"]?.Choices ?? [];
    const failure = { error: "States.TaskFailed", cause: "AlgorithmError: label out of range" };
    expect(await evaluate(choice?.Condition, { failure, plan: planOf(HARM, 1 * MB), attempt: 1 })).toBe(false);
  });

  test.each(models.map(({ name }) => name))("every name of %s fits after every try, and is new", async (name) => {
    const used: string[] = [];
    for (const attempt of [1, 2, 3]) {
      const variables = {
        plan: planOf(name, 1 * MB),
        attempt,
        modelSettings: { ...asDeployed.settings[name], tuning: asVaried.settings[name]?.tuning },
      };
      const train = await argumentsOf(asDeployed, "Train", variables);
      const label = await argumentsOf(asDeployed, "Train labelling model", variables);
      const tune = await argumentsOf(asDeployed, "Tune", variables);
      used.push(train.TrainingJobName as string, label.TrainingJobName as string);
      expect(tune.HyperParameterTuningJobName).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,31}$/);
      used.push(tune.HyperParameterTuningJobName as string);
    }
    for (const each of used) expect(each).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
    expect(new Set(used).size).toBe(used.length);
  });

  test.each(models.map(({ name }) => name))("the other names of %s fit too", async (name) => {
    const groundTruth = { workteamArn: "a/team", preHumanTaskLambdaArn: "a", consolidationLambdaArn: "a" };
    const variables = {
      plan: planOf(name, 1 * MB),
      deployment: planOf(name, 1 * MB).runId,
      modelSettings: asDeployed.settings[name],
      artefact: "s3://bucket/model.tar.gz",
      labellingModel: "s3://bucket/labelling/model.tar.gz",
      labellingSettings: { ...asDeployed.settings[name]?.policy.labelling, groundTruth },
    };
    const names = await Promise.all(
      [
        ["Evaluate", "ProcessingJobName"],
        ["Label automatically", "ProcessingJobName"],
        ["Label with Ground Truth", "LabelingJobName"],
        ["Create model", "ModelName"],
        ["Create endpoint configuration", "EndpointConfigName"],
      ].map(async ([state = "", key = ""]) => (await argumentsOf(asDeployed, state, variables))[key]),
    );
    for (const each of names) expect(each).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
    // What is alike in kind must not be alike in name.
    expect(names[0]).not.toBe(names[1]);
  });
});

describe("spot instances", () => {
  test.each([1 * MB, 10 * TB])(
    "%d bytes: may be waited for, and leave checkpoints in the run's folder",
    async (bytes) => {
      const { runId } = planOf(BEFORE, bytes);
      const [main, labelling] = await Promise.all(
        ["Train", "Train labelling model"].map((state) => training(asVaried, BEFORE, bytes, state)),
      );
      for (const job of [main, labelling]) {
        const { MaxRuntimeInSeconds, MaxWaitTimeInSeconds = 0 } = job?.StoppingCondition ?? { MaxRuntimeInSeconds: 0 };
        expect(MaxRuntimeInSeconds).toBe(computes(bytes)[0].maxRuntimeInSeconds);
        expect(MaxWaitTimeInSeconds).toBeGreaterThanOrEqual(MaxRuntimeInSeconds);
        expect(job).toMatchObject({ EnableManagedSpotTraining: true });
        expect(job?.CheckpointConfig?.S3Uri).toMatch(new RegExp(`^s3://reference/runs/${runId}/checkpoints/`));
      }
      // Or one would go on where the other was.
      expect(main?.CheckpointConfig).not.toEqual(labelling?.CheckpointConfig);
    },
  );

  test("without them there is nothing to wait for", async () => {
    const job = await training(asDeployed, BEFORE, 1 * MB);
    for (const key of ["EnableManagedSpotTraining", "CheckpointConfig"]) expect(job).not.toHaveProperty(key);
  });
});
