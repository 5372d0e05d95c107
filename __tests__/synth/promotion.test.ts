import { BEFORE, HARM, MARKETING, MB, planOf, varied } from "./runs";
import { evaluate, mainStateMachine, type State } from "./states";
import { synthesize } from "./synthesize";

// What the main state machine does with an endpoint, and how it meets the errors of AWS.

const asDeployed = mainStateMachine(synthesize("production").stepFunctions);
const asVaried = mainStateMachine(synthesize(varied).stepFunctions);
const { perModel } = asDeployed;

const conditionOf = (state: string, next: string, machine = asDeployed) =>
  machine.perModel[state]?.Choices?.find(({ Next }) => Next === next)?.Condition;

interface Task extends State {
  readonly Resource: string;
  readonly Retry: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts: number }[];
}

/** Every task, those of the Distributed Map too. */
const tasks = (states: Readonly<Record<string, State>>): [string, Task][] =>
  Object.entries(states).flatMap(([name, state]) => [
    ...(state.Type === "Task" ? [[name, state as Task] as [string, Task]] : []),
    ...(state.ItemProcessor ? tasks(state.ItemProcessor.States) : []),
  ]);

describe("errors that may pass", () => {
  /** AWS's names for a throttled request, by the kind of the integration. */
  const THROTTLED: Readonly<Record<string, string>> = {
    "lambda:": "Lambda.TooManyRequestsException",
    "sagemaker:": "SageMaker.AmazonSageMakerException",
    "aws-sdk:sagemaker:": "SageMaker.SageMakerException",
    "aws-sdk:ssm:": "Ssm.SsmException",
    "aws-sdk:sfn:": "Sfn.SfnException",
    "aws-sdk:applicationautoscaling:": "ApplicationAutoScaling.ApplicationAutoScalingException",
    "dynamodb:": "DynamoDB.AmazonDynamoDBException",
    "sns:": "SNS.AmazonSNSException",
  };

  test.each(tasks(perModel))("%s tries again when it is throttled", (_, { Resource, Retry }) => {
    const kind = Object.keys(THROTTLED).find((start) => Resource.startsWith(`arn:aws:states:::${start}`));
    expect(Retry).toHaveLength(1);
    expect(Retry[0]?.ErrorEquals).toContain(THROTTLED[kind ?? ""]);
    expect(Retry[0]?.MaxAttempts).toBeGreaterThan(1);
  });

  test("parameters that optimized integrations do not take go through the SDK's", () => {
    // Parameters that "Call SageMaker with Step Functions" lists; another one is States.Runtime, which nothing catches.
    const optimized = tasks(perModel)
      .map(([, { Resource }]) => Resource)
      .filter((each) => /:::sagemaker:/.test(each));
    expect([...new Set(optimized)].sort()).toEqual([
      "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync",
      "arn:aws:states:::sagemaker:createLabelingJob.sync",
      "arn:aws:states:::sagemaker:createProcessingJob.sync",
      "arn:aws:states:::sagemaker:createTrainingJob.sync",
    ]);
  });
});

describe("labels as the registry is told of them", () => {
  const registered = async (sources: object) => {
    const variables = {
      modelSettings: asDeployed.settings[HARM],
      plan: planOf(HARM, 1 * MB),
      request: { model: HARM },
      artefact: "s3://bucket/model.tar.gz",
      labelling: { mode: "outcome", sources },
      judged: {
        verdict: "promote",
        reason: "good",
        metrics: { "auroc.value": "0.8" },
        report: "s3://r",
        evaluation: "s3://e",
      },
    };
    const { CustomerMetadataProperties } = (await evaluate(perModel.Register?.Arguments, variables)) as {
      CustomerMetadataProperties: Readonly<Record<string, string>>;
    };
    return CustomerMetadataProperties;
  };

  test.each([
    [{ operator: 615, "self-exclusion": 400 }, "operator=615 self-exclusion=400"],
    [{ observation: 1e9 }, "observation=1000000000"],
    [{}, "none"],
  ])("%j is text that it takes", async (sources, labels) => {
    const properties = await registered(sources);
    expect(properties.labels).toBe(labels);
    expect(properties.horizonDays).toBe("90");
    // CustomerMetadataValue of the service model, 2017-07-24.
    for (const value of Object.values(properties)) expect(value).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u);
  });
});

describe("approval", () => {
  const waits = (approval: unknown, configured = "manual") =>
    evaluate(conditionOf("Good enough?", "Notify approver"), {
      modelSettings: { ...asDeployed.settings[HARM], policy: { approval: configured } },
      request: approval === undefined ? { model: HARM } : { model: HARM, approval },
    });

  test.each(["Automatic", "Manual", "auto", true, null, ""])(
    "only the word itself spares the person: %j",
    async (word) => {
      expect(await waits(word)).toBe(true);
      expect(await waits(word, "automatic")).toBe(true);
    },
  );

  test("is what the configuration says, or the request", async () => {
    expect(await waits(undefined)).toBe(true);
    expect(await waits(undefined, "automatic")).toBe(false);
    expect(await waits("automatic")).toBe(false);
    expect(await waits("manual", "automatic")).toBe(true);
  });
});

describe("an endpoint", () => {
  const seen = (status: string, now: Partial<Record<"look" | "giveUp", number>> = {}) => ({
    endpoint: { status, configuration: "c", reason: "r" },
    until: { look: Date.now() + 1e6, giveUp: Date.now() + 1e6, ...now },
  });
  const MOVING = ["Creating", "Updating", "SystemUpdating", "RollingBack"];
  const RESTING = ["InService", "Failed", "OutOfService", "UpdateRollbackFailed", "Deleting"];

  test.each([
    ["Is it free?", "Wait for free endpoint"],
    ["Endpoint switched?", "Wait for endpoint"],
    ["Can it be restored?", "Wait to restore"],
    ["Champion back?", "Wait for champion"],
  ])("%s is asked again while it is moving, and not for ever", async (state, wait) => {
    const condition = conditionOf(state, wait);
    for (const status of MOVING) {
      expect(await evaluate(condition, seen(status))).toBe(true);
      expect(await evaluate(condition, seen(status, { giveUp: Date.now() - 1 }))).toBe(false);
    }
    for (const status of RESTING) expect([status, await evaluate(condition, seen(status))]).toEqual([status, false]);
  });

  test("looks are rarer once the deadline is over", async () => {
    const seconds = (look: number) =>
      evaluate((perModel["Wait for endpoint"] as unknown as { Seconds: string }).Seconds, seen("Updating", { look }));
    expect(await seconds(Date.now() + 1e6)).toBe(30);
    expect(await seconds(Date.now() - 1)).toBe(300);
  });

  const actual = {
    modelVersion: "20261101-120000-aaaaaa",
    featureHash: "0123456789abcdef",
    endpointConfigName: "serving",
    modelName: "model",
    artefact: "s3://bucket/model.tar.gz",
  };
  test.each<[string, object, boolean]>([
    ["says what is the case", { ...actual, updatedAt: "2026-11-01T12:00:00Z" }, true],
    ["names another configuration", { ...actual, endpointConfigName: "another" }, false],
    ["names another version of the same configuration", { ...actual, modelVersion: "20200101-000000-abcdef" }, false],
    ["has other features", { ...actual, featureHash: "0000000000000000" }, false],
    ["lacks a field", { ...actual, artefact: undefined }, false],
    ["could not be read", {}, false],
  ])("whose serving record %s", async (_, served, isTrue) => {
    const condition = conditionOf("Is the record true?", "What to do?");
    expect(await evaluate(condition, { actual, served: JSON.parse(JSON.stringify(served)) })).toBe(isTrue);
    expect(perModel["Is the record true?"]?.Default).toBe("Correct serving record");
  });

  test("in the middle of an update has no record that could be judged", async () => {
    const condition = conditionOf("Does it serve?", "Describe serving configuration");
    expect(await evaluate(condition, seen("Updating"))).toBe(false);
    expect(await evaluate(condition, seen("InService"))).toBe(true);
  });

  test.each([
    ["the same instances", HARM, "ml.m5.large", false],
    ["other instances", HARM, "ml.m5.xlarge", true],
    ["no instances before", HARM, "none", true],
  ])("with %s", async (_, model, championInstances, deregistered) => {
    const variables = { modelSettings: asDeployed.settings[model], championInstances };
    expect(await evaluate(conditionOf("Same instance type?", "Deregister scaling"), variables)).toBe(deregistered);
  });

  test("that does not scale is not taken out of auto scaling", async () => {
    const variables = { modelSettings: asVaried.settings[HARM], championInstances: "none" };
    expect(await evaluate(conditionOf("Same instance type?", "Deregister scaling", asVaried), variables)).toBe(false);
  });

  test("is registered again as Terraform registers it", async () => {
    const { sagemaker } = synthesize("production");
    const request = await evaluate(perModel["Register scaling"]?.Arguments, {
      modelSettings: asDeployed.settings[BEFORE],
    });
    const [target] = Object.values(sagemaker.all("aws_appautoscaling_target"));
    expect(request).toMatchObject({
      ServiceNamespace: target?.service_namespace,
      ScalableDimension: target?.scalable_dimension,
      MinCapacity: target?.min_capacity,
      MaxCapacity: target?.max_capacity,
      Tags: { Project: "vwt", Environment: "production", ManagedBy: "terraform" },
    });
    const policy = (await evaluate(perModel["Put scaling policy"]?.Arguments, {
      modelSettings: asDeployed.settings[BEFORE],
    })) as {
      readonly TargetTrackingScalingPolicyConfiguration: object;
    };
    const [written] = Object.values(sagemaker.all("aws_appautoscaling_policy"));
    expect(written?.target_tracking_scaling_policy_configuration).toMatchObject({
      disable_scale_in: false,
      scale_in_cooldown: 300,
      scale_out_cooldown: 300,
    });
    expect(policy).toMatchObject({ PolicyName: written?.name, PolicyType: written?.policy_type });
    expect(policy.TargetTrackingScalingPolicyConfiguration).toEqual({
      PredefinedMetricSpecification: { PredefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
      TargetValue: 1000,
      DisableScaleIn: false,
      ScaleInCooldown: 300,
      ScaleOutCooldown: 300,
    });
  });
});

test("a roll-back has an endpoint configuration of its own, named as a run's", async () => {
  const { Assign } = perModel["Find version"] as State;
  const { deployment } = (await evaluate({ deployment: Assign?.deployment }, {})) as { deployment: string };
  expect(deployment).toMatch(/^\d{8}-\d{6}-[0-9a-f]{6}$/);
});

test("a serverless model shares no name with its real-time self, because SageMaker turns neither into the other", () => {
  const names = (machine: typeof asDeployed) => {
    const { prefix } = machine.settings[HARM] ?? {};
    return prefix;
  };
  expect(names(asVaried)).not.toBe(names(asDeployed));
  const endpoints = (environment: Parameters<typeof synthesize>[0]) =>
    Object.values(synthesize(environment).sagemaker.all("aws_sagemaker_endpoint")).map(({ name }) => name);
  expect(endpoints("production")).toContain(`vwt-production-${HARM}`);
  expect(endpoints(varied)).toContain(`vwt-production-${HARM}-serverless`);
  expect(endpoints(varied)).toContain(`vwt-production-${MARKETING}`);
});
