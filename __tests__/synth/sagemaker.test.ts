import { models } from "../../catalogue/models";
import { parseConfig } from "../../config";
import { production as productionInput } from "../../config/production";
import { mainStateMachine } from "./states";
import { list, type SynthesizedStack, statements, synthesize } from "./synthesize";

const production = synthesize("production").sagemaker;
const serverless = synthesize("development").sagemaker;

/** Finds the statements of a model's serving or training role that hold an action. */
const granted = (stack: SynthesizedStack, model: string, purpose: "serving" | "training", action: string) => {
  const policies = Object.entries(stack.all("aws_iam_role_policy")).filter(([id]) =>
    id.startsWith(`${model}_${purpose}-role_policy`),
  );
  expect(policies).toHaveLength(1);
  return statements(policies[0]?.[1].policy).filter(({ Action }) => list(Action).includes(action));
};

/** Production with one instance type or way of serving, and image, for all models. */
const varied = (serving: Readonly<Record<string, unknown>>, rest: Readonly<Record<string, unknown>> = {}) =>
  synthesize(
    parseConfig(
      {
        ...productionInput,
        models: Object.fromEntries(
          Object.entries(productionInput.models).map(([name, settings]) => [
            name,
            { ...settings, serving: { ...settings.serving, ...serving }, ...rest } as typeof settings,
          ]),
        ),
      },
      "varied",
    ),
  );

describe("SageMaker stack", () => {
  test.each(models.map(({ name }) => name))("%s has model, configuration, endpoint and package group", (name) => {
    expect(production.one("aws_sagemaker_endpoint", { name: `vwt-production-${name}` })).toMatchObject({
      lifecycle: { ignore_changes: ["endpoint_config_name", "deployment_config"] },
    });
    expect(
      production.one("aws_sagemaker_model_package_group", { model_package_group_name: `vwt-production-${name}` }),
    ).toBeDefined();
    expect(production.one("aws_ssm_parameter", { name: `/vwt/production/models/${name}/serving` })).toMatchObject({
      lifecycle: { ignore_changes: ["value", "insecure_value"] },
    });
  });

  test("nothing more than three of each", () => {
    for (const type of [
      "aws_sagemaker_model",
      "aws_sagemaker_endpoint_configuration",
      "aws_sagemaker_endpoint",
      "aws_sagemaker_model_package_group",
      "aws_appautoscaling_target",
      "aws_appautoscaling_policy",
    ]) {
      expect([type, production.count(type)]).toEqual([type, 3]);
    }
  });

  test("a serverless endpoint has a serverless configuration, no instances, no volume key and no auto scaling", () => {
    for (const configuration of Object.values(serverless.all("aws_sagemaker_endpoint_configuration"))) {
      expect(configuration.production_variants).toEqual([
        expect.objectContaining({ serverless_config: { max_concurrency: 5, memory_size_in_mb: 2048 } }),
      ]);
      expect(configuration).not.toHaveProperty("kms_key_arn");
      expect((configuration.production_variants as object[])[0]).not.toHaveProperty("instance_type");
    }
    expect(serverless.count("aws_appautoscaling_target")).toBe(0);
  });

  test("serving roles read models, and no rows of players", () => {
    for (const { name } of models) {
      const [policy] = Object.entries(production.all("aws_iam_role_policy")).filter(([id]) =>
        id.startsWith(`${name}_serving-role_policy`),
      );
      const reads = statements(policy?.[1].policy).filter(({ Action }) => list(Action).includes("s3:GetObject"));
      expect(reads.flatMap(({ Resource }) => list(Resource)).map((arn) => arn.replace(/^.*\}/, ""))).toEqual([
        "/initial/*",
        "/runs/*/output/*",
      ]);
    }
  });

  test("auto scaling hangs on the variant that promotions keep", () => {
    for (const target of Object.values(production.all("aws_appautoscaling_target"))) {
      expect(target.resource_id).toMatch(
        /^endpoint\/\$\{aws_sagemaker_endpoint\.\w+(-\w+)*\.name\}\/variant\/AllTraffic$/,
      );
      expect(target).toMatchObject({ min_capacity: 2, max_capacity: 8 });
    }
  });

  test("two alarms watch each endpoint that has instances, and its role may look at them", () => {
    const alarms = Object.values(production.all("aws_cloudwatch_metric_alarm"));
    expect(alarms).toHaveLength(models.length * 2);
    for (const { name } of models) {
      const of = (alarm: string) =>
        production.one("aws_cloudwatch_metric_alarm", { alarm_name: `vwt-production-${name}-${alarm}` });
      const dimensions = {
        EndpointName: expect.stringMatching(new RegExp(`sagemaker_endpoint\\.${name}_`)),
        VariantName: "AllTraffic",
      };
      const common = { namespace: "AWS/SageMaker", dimensions, period: 60, treat_missing_data: "notBreaching" };
      expect(of("errors")).toMatchObject({ ...common, metric_name: "Invocation5XXErrors", threshold: 0.05 });
      // A second, in microseconds.
      expect(of("latency")).toMatchObject({ ...common, metric_name: "ModelLatency", threshold: 1e6 });
      const [policy] = Object.entries(production.all("aws_iam_role_policy")).filter(([id]) =>
        id.startsWith(`${name}_serving-role_policy`),
      );
      const looks = statements(policy?.[1].policy).filter(({ Action }) =>
        list(Action).includes("cloudwatch:DescribeAlarms"),
      );
      expect(looks.flatMap(({ Resource }) => list(Resource))).toEqual([
        expect.stringMatching(new RegExp(`:alarm:vwt-production-${name}-\\*$`)),
      ]);
    }
    expect(serverless.count("aws_cloudwatch_metric_alarm")).toBe(0);
  });

  test.each([
    ["serving", []],
    // The evaluation program, which training's role runs.
    ["training", ["s3_bucketartefacts-lambda_"]],
  ])("a %s role reaches its own model's bucket only", (purpose, others) => {
    for (const { name } of models) {
      const id = Object.keys(production.all("aws_iam_role_policy")).filter((each) =>
        each.startsWith(`${name}_${purpose}-role_policy`),
      );
      expect(id).toHaveLength(1);
      const policy = production.all("aws_iam_role_policy")[id[0] as string]?.policy;
      const buckets = statements(policy)
        .filter(({ Action }) => list(Action).some((action) => action.startsWith("s3:")))
        .flatMap(({ Resource }) => list(Resource));
      const own = buckets.filter((bucket) => !others.some((other) => bucket.includes(other)));
      expect(own.length).toBeGreaterThanOrEqual(2);
      for (const bucket of own) expect(bucket).toContain(`s3_bucketmodel-${name}_`);
      // To list the bucket, and to read what lies under evaluation/.
      expect(buckets.length - own.length).toBe(others.length * 2);
    }
  });

  test("the initial artefact is uploaded under the hash of its bytes", () => {
    const objects = Object.values(production.all("aws_s3_object"));
    expect(objects).toHaveLength(3);
    for (const { key, source_hash } of objects) expect(key).toContain(source_hash);
  });
});

// SageMaker guide, sagemaker-roles: CreateModel, CreateTrainingJob, CreateProcessingJob, CreateHyperParameterTuningJob.
describe.each(models.map(({ name }) => name))("the execution roles of %s", (name) => {
  const PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

  test.each(["serving", "training"] as const)("%s may pull SageMaker's own image, and no other", (purpose) => {
    for (const action of PULL) {
      expect(granted(production, name, purpose, action).flatMap(({ Resource }) => list(Resource))).toEqual([
        expect.stringMatching(
          /^arn:aws:ecr:eu-west-1:\$\{data\.aws_sagemaker_prebuilt_ecr_image\.\S+\.registry_id\}:repository\/sagemaker-xgboost$/,
        ),
      ]);
    }
    const login = granted(production, name, purpose, "ecr:GetAuthorizationToken");
    expect(login.flatMap(({ Resource }) => list(Resource))).toEqual(["*"]);
  });

  test.each(["serving", "training"] as const)("%s may have volumes encrypted, by SageMaker only", (purpose) => {
    expect(granted(production, name, purpose, "kms:CreateGrant")).toEqual([
      {
        Effect: "Allow",
        Action: ["kms:CreateGrant"],
        Resource: [expect.stringMatching(/aws_kms_key/)],
        Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
      },
    ]);
  });

  test("training may name our key for its outputs", () => {
    expect(granted(production, name, "training", "kms:Encrypt")).toHaveLength(1);
  });

  test("an endpoint without volumes of ours needs no grant", () => {
    expect(granted(serverless, name, "serving", "kms:CreateGrant")).toEqual([]);
  });
});

describe("network isolation", () => {
  const isolated = (stack: SynthesizedStack) =>
    new Set(Object.values(stack.all("aws_sagemaker_model")).map((model) => model.enable_network_isolation));
  const ofRuns = ({ stepFunctions }: ReturnType<typeof synthesize>) =>
    Object.values(mainStateMachine(stepFunctions).settings).map(({ servedModel, trainingJob, evaluation }) => [
      (servedModel as Readonly<Record<string, unknown>>).EnableNetworkIsolation,
      (trainingJob as Readonly<Record<string, unknown>>).EnableNetworkIsolation,
      (evaluation as { NetworkConfig: Readonly<Record<string, unknown>> }).NetworkConfig.EnableNetworkIsolation,
    ]);

  test("a serverless endpoint has none, its training does", () => {
    expect(isolated(serverless)).toEqual(new Set([false]));
    expect(new Set(ofRuns(synthesize("development")).map(String))).toEqual(new Set(["false,true,true"]));
  });

  test("an endpoint with instances follows its own setting, training its own", () => {
    expect(isolated(production)).toEqual(new Set([true]));
    const open = varied({ networkIsolation: false });
    expect(isolated(open.sagemaker)).toEqual(new Set([false]));
    expect(new Set(ofRuns(open).map(String))).toEqual(new Set(["false,true,true"]));
    const openTraining = varied({}, { training: { networkIsolation: false } });
    expect(isolated(openTraining.sagemaker)).toEqual(new Set([true]));
    expect(new Set(ofRuns(openTraining).map(String))).toEqual(new Set(["true,false,false"]));
  });
});

test("an endpoint on instances with drives of their own names no key, first or later", () => {
  const keysOf = ({ sagemaker, stepFunctions }: ReturnType<typeof synthesize>) => [
    ...Object.values(sagemaker.all("aws_sagemaker_endpoint_configuration")).map((each) => "kms_key_arn" in each),
    ...Object.values(mainStateMachine(stepFunctions).settings).map((each) => "KmsKeyId" in each.endpointConfiguration),
  ];
  expect(keysOf(synthesize("production"))).toEqual(Array(6).fill(true));
  const local = varied({ instanceType: "ml.c5d.large" });
  expect(keysOf(local)).toEqual(Array(6).fill(false));
  expect(granted(local.sagemaker, models[0]?.name as string, "serving", "kms:CreateGrant")).toEqual([]);
});

test("an image of our own is pulled from the model's repository", () => {
  const { sagemaker } = varied({}, { image: "ecr", imageTag: "1" });
  for (const { name } of models) {
    const pulls = granted(sagemaker, name, "training", "ecr:BatchGetImage").flatMap(({ Resource }) => list(Resource));
    expect(pulls).toEqual([expect.stringContaining(`aws_ecr_repositoryrepository-${name}_`)]);
  }
});

test.each(models.map(({ name }) => name))(
  "the log group of the endpoint of %s is there before it, with retention and our key",
  (name) => {
    const logs = { name: `/aws/sagemaker/Endpoints/vwt-production-${name}` };
    expect(production.one("aws_cloudwatch_log_group", logs)).toMatchObject({
      retention_in_days: 365,
      kms_key_id: expect.stringMatching(/aws_kms_key/),
    });
    const { depends_on } = production.one("aws_sagemaker_endpoint", { name: `vwt-production-${name}` });
    expect(depends_on).toEqual([
      expect.stringMatching(`aws_cloudwatch_log_group.${name}_endpoint_logs_`),
      expect.stringMatching(`aws_iam_role_policy.${name}_serving-role_policy_`),
    ]);
  },
);
