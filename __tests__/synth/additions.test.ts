import { type DatasetName, datasetNamed, datasets } from "../../catalogue/datasets";
import { featureHash } from "../../catalogue/datasets/kit/dataset";
import { type Model, models } from "../../catalogue/models";
import { loadConfig } from "../../config";
import { deployedFunctions, FUNCTIONS } from "../../contracts/functions";
import { DRIFT_METRICS, METRICS, metricOf } from "../../contracts/metrics";
import type { Added } from "./environment";
import { mainStateMachine } from "./states";
import { STACK_NAMES, type StackName, type Synthesized, synthesize, withModels } from "./synthesize";

const before = synthesize("local");

/** The system with more models, and with what they are made of. */
function withMore(more: readonly Model[], added?: Added): Synthesized {
  const catalogue = [...models, ...more];
  const names = catalogue.map(({ name }) => name);
  return synthesize(withModels(loadConfig("local"), names), catalogue, added);
}

const withoutHash = (address: string): string => address.replace(/_[0-9A-F]{8}$/, "");

/** Lists what a system has that another lacks, by stack, without the hashes of ids. Fails when something is gone. */
function addedTo(earlier: Synthesized, later: Synthesized) {
  const of = (stack: StackName) => {
    expect(earlier[stack].addresses.filter((address) => !later[stack].addresses.includes(address))).toEqual([]);
    return later[stack].addresses.filter((address) => !earlier[stack].addresses.includes(address)).map(withoutHash);
  };
  return Object.fromEntries(STACK_NAMES.map((stack) => [stack, of(stack)])) as Record<StackName, string[]>;
}

const fourth: Model = {
  ...(models[1] as Model),
  name: "gambling-behaviour-early-warning",
  description: "Early warning",
};
const withFourth = withMore([fourth]);

describe("a fourth model on an existing dataset", () => {
  const after = withFourth;
  const added = addedTo(before, after);

  test("brings exactly its bucket, repository, hosting, schedules and alarm", () => {
    const name = fourth.name;
    expect(added.storage).toEqual([
      `aws_ecr_lifecycle_policy.repository-${name}_lifecycle`,
      `aws_ecr_repository.repository-${name}_repository`,
      `aws_s3_bucket.model-${name}_bucket`,
      `aws_s3_bucket_policy.model-${name}_policy`,
      `aws_s3_bucket_public_access_block.model-${name}_public-access`,
      `aws_s3_bucket_server_side_encryption_configuration.model-${name}_encryption`,
      `aws_s3_bucket_versioning.model-${name}_versioning`,
    ]);
    expect(added.sagemaker).toEqual([
      `aws_appautoscaling_policy.${name}_endpoint_scaling_policy`,
      `aws_appautoscaling_target.${name}_endpoint_scaling_target`,
      `aws_cloudwatch_log_group.${name}_endpoint_logs`,
      `aws_cloudwatch_metric_alarm.${name}_endpoint_guardrails_errors`,
      `aws_cloudwatch_metric_alarm.${name}_endpoint_guardrails_latency`,
      `aws_iam_role.${name}_serving-role`,
      `aws_iam_role.${name}_training-role`,
      `aws_iam_role.${name}_transform-role`,
      `aws_iam_role_policy.${name}_serving-role_policy`,
      `aws_iam_role_policy.${name}_training-role_policy`,
      `aws_iam_role_policy.${name}_transform-role_policy`,
      `aws_s3_object.${name}_initial-artefact_object`,
      `aws_sagemaker_endpoint.${name}_endpoint`,
      `aws_sagemaker_endpoint_configuration.${name}_endpoint_initial-configuration`,
      `aws_sagemaker_model.${name}_endpoint_initial-model`,
      `aws_sagemaker_model_package_group.${name}_versions`,
      `aws_ssm_parameter.${name}_endpoint_last-run`,
      `aws_ssm_parameter.${name}_endpoint_serving-record`,
    ]);
    expect(added.api).toEqual([]);
    expect(added.scoring).toEqual([]);
    expect(added.stepFunctions).toEqual([`aws_scheduler_schedule.schedule-${name}`]);
    expect(added.monitoring).toEqual([
      `aws_cloudwatch_event_rule.${name}_rule`,
      `aws_cloudwatch_event_target.${name}_target`,
      ...["traffic", "training"].flatMap((reference) =>
        ["domain", "features", "risk", "score"].map(
          (signal) => `aws_cloudwatch_metric_alarm.${name}_drift-${reference}-${signal}`,
        ),
      ),
      `aws_cloudwatch_metric_alarm.${name}_drift`,
      `aws_scheduler_schedule.${name}_schedule`,
    ]);
  });

  test("is known to predict and to the state machine", () => {
    const variables = (
      after.api.one("aws_lambda_function", { function_name: "vwt-local-predict" }).environment as {
        variables: Record<string, string>;
      }
    ).variables;
    expect(Object.keys(JSON.parse(variables.ENDPOINTS as string))).toContain(fourth.name);
    expect(after.stepFunctions.one("aws_sfn_state_machine").definition).toContain(fourth.name);
  });

  test("its serving record starts with the dataset's feature hash", () => {
    const record = after.sagemaker.one("aws_ssm_parameter", { name: `/vwt/local/models/${fourth.name}/serving` });
    expect(JSON.parse(record.value as string).featureHash).toBe(featureHash(datasetNamed(fourth.dataset)));
  });
});

describe("a model on a dataset and for a target that are new", () => {
  const added: Added = {
    dataset: { name: "payments", like: "before-initial-deposit" },
    target: {
      ...{ name: "churn", like: "stake", task: "binary", judgedByPeople: false },
      defaultGate: [{ metric: "brier", better: "lower", bound: 0.2 }],
    },
  };
  const model: Model = {
    ...fourth,
    name: "payments-churn",
    dataset: "payments" as DatasetName,
    target: "churn" as "stake",
    horizonDays: undefined,
    riskThresholds: undefined,
  };
  const after = withMore([fourth, model], added);
  const every = Object.values(addedTo(withFourth, after)).flat();
  const ofModel = every.filter((address) => address.includes(model.name));

  test("brings the dataset's bucket, functions, stream and published schema", () => {
    const lambda = (name: string) => [
      `aws_cloudwatch_log_group.${name}_logs`,
      `aws_iam_role.${name}_role`,
      `aws_iam_role_policy.${name}_role_policy`,
      `aws_lambda_alias.${name}_live`,
      `aws_lambda_function.${name}_function`,
      `aws_s3_object.${name}-code_object`,
    ];
    expect(every.filter((address) => !ofModel.includes(address)).sort()).toEqual(
      [
        ...["", "_policy", "_public_access_block", "_server_side_encryption_configuration", "_versioning"].map(
          (setting) => `aws_s3_bucket${setting}.data-payments_${SETTINGS[setting]}`,
        ),
        ...lambda("preprocess-payments"),
        ...lambda("prepare-payments"),
        ...lambda("extract-features-payments"),
        "aws_scheduler_schedule.schedule-payments",
        "aws_api_gateway_model.rest_model-payments",
        "aws_cloudwatch_log_group.captured-payments_logs",
        "aws_cloudwatch_log_stream.captured-payments_deliveries",
        "aws_cloudwatch_metric_alarm.lost-events-payments",
        "aws_iam_role.captured-payments_role",
        "aws_iam_role_policy.captured-payments_role_policy",
        "aws_kinesis_firehose_delivery_stream.captured-payments_stream",
      ].sort(),
    );
  });

  test("brings beside these what any model brings", () => {
    // It tells no risk, so it has no risk groups whose shares could change.
    const ofFourth = Object.values(addedTo(before, withFourth))
      .flat()
      .filter((address) => !address.endsWith("-risk"));
    expect(ofModel.sort()).toEqual(ofFourth.map((address) => address.replace(fourth.name, model.name)).sort());
  });

  test("is trained and judged as the target's entry says", () => {
    const { settings } = mainStateMachine(after.stepFunctions);
    expect(settings[model.name]).toMatchObject({
      task: "binary",
      gate: added.target.defaultGate,
      evaluationArguments: expect.arrayContaining(["binary"]),
      // No model that labels is trained for what nobody can judge.
      limits: { trainingJobs: 1 },
    });
    expect(settings[fourth.name]).toMatchObject({ limits: { trainingJobs: 2 } });
  });
});

const SETTINGS: Readonly<Record<string, string>> = {
  "": "bucket",
  _policy: "policy",
  _public_access_block: "public-access",
  _server_side_encryption_configuration: "encryption",
  _versioning: "versioning",
};

test("an entry of the functions' table is a function with role, log, alias and code of its own, in one stack", () => {
  const deployed = deployedFunctions(datasets.map(({ name }) => name));
  expect(new Set(deployed.map(({ of }) => of))).toEqual(new Set(Object.keys(FUNCTIONS)));
  const every = before.all.flatMap(({ addresses }) => addresses.map(withoutHash));
  for (const { name } of deployed) {
    const own = every.filter((address) => new RegExp(`\\.${name}(_(?!table)|-code_)`).test(address));
    expect(own.filter((address) => !address.startsWith("aws_lambda_permission."))).toEqual([
      `aws_cloudwatch_log_group.${name}_logs`,
      `aws_iam_role.${name}_role`,
      `aws_iam_role_policy.${name}_role_policy`,
      `aws_lambda_alias.${name}_live`,
      `aws_lambda_function.${name}_function`,
      `aws_s3_object.${name}-code_object`,
    ]);
  }
});

test("an entry of the metrics' table is known to CloudWatch by one name, and brings no resource", () => {
  Object.assign(METRICS, { Toys: METRICS.FeatureDrift });
  try {
    expect(metricOf("Toys" as keyof typeof METRICS, "local", "m")).toEqual({
      namespace: "VWT",
      metricName: "Toys",
      dimensions: { service: "drift", environment: "local", model: "m" },
    });
  } finally {
    Reflect.deleteProperty(METRICS, "Toys");
  }
  const alarmed = before.monitoring.all("aws_cloudwatch_metric_alarm");
  expect(new Set(Object.values(alarmed).map(({ metric_name }) => metric_name))).toEqual(
    new Set([
      "DriftSignals",
      "EventsLost",
      "HistoryErrors",
      "ReviewsOverdue",
      ...Object.values(DRIFT_METRICS).flatMap((names) => Object.values(names)),
    ]),
  );
});
