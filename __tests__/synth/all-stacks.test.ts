import { datasetNamed } from "../../catalogue/datasets";
import { featureHash } from "../../catalogue/datasets/kit/dataset";
import { type Model, models } from "../../catalogue/models";
import { loadConfig } from "../../config";
import { list, statements, synthesize, withModels } from "./synthesize";

/** Actions that AWS grants on no resource but "*". */
const UNBOUND =
  /^(ecr:GetAuthorizationToken|sagemaker:ListModelPackages|sagemaker:ListEndpointConfigs|xray:|cloudwatch:PutMetricData|logs:\w*(LogDelivery|LogDeliveries|ResourcePolic\w+|DescribeLogGroups)$|ec2:)/;

describe.each(["local", "development", "production"])("all stacks of %s", (environment) => {
  const { all } = synthesize(environment);

  test("no role is granted an action on everything that could be bound to something", () => {
    const granted = all.flatMap((stack) =>
      Object.values(stack.all("aws_iam_role_policy")).flatMap(({ policy }) => statements(policy)),
    );
    expect(granted.length).toBeGreaterThan(20);
    for (const { Action, Resource } of granted) {
      for (const action of list(Action)) {
        expect(action).not.toContain("*");
        if (list(Resource).includes("*")) expect(action).toMatch(UNBOUND);
      }
    }
  });

  test("state is remote, encrypted and locked, one key a stack in one bucket", () => {
    const backends = all.map(({ json }) => (json.terraform as { backend: { s3: Record<string, unknown> } }).backend.s3);
    for (const backend of backends) {
      expect(backend).toMatchObject({
        encrypt: true,
        kms_key_id: `alias/vwt-${environment}-terraform-state`,
        use_lockfile: true,
      });
    }
    expect(new Set(backends.map(({ key }) => key)).size).toBe(5);
    expect(new Set(backends.map(({ bucket }) => bucket)).size).toBe(1);
  });

  test("the provider tags everything and refuses other accounts", () => {
    for (const { json } of all) {
      const [provider] = (json.provider as { aws: Record<string, unknown>[] }).aws;
      expect(provider).toMatchObject({
        allowed_account_ids: ["000000000000"],
        default_tags: [{ tags: { Project: "vwt", Environment: environment, ManagedBy: "terraform" } }],
      });
    }
  });

  test("what assumes a role is created after the role's policy", () => {
    /** Where a type of resource names the role that a service assumes for it, as Terraform writes it. */
    const assuming = [
      "aws_lambda_function",
      "aws_sagemaker_model",
      "aws_kinesis_firehose_delivery_stream",
      "aws_sfn_state_machine",
      "aws_scheduler_schedule",
      "aws_cloudwatch_event_target",
    ];
    let checked = 0;
    for (const stack of all) {
      const policies = Object.entries(stack.all("aws_iam_role_policy"));
      for (const type of assuming) {
        for (const [id, { depends_on = [], ...attributes }] of Object.entries(stack.all(type))) {
          const role = /\$\{aws_iam_role\.([^.]+)\.arn\}/.exec(JSON.stringify(attributes))?.[1];
          if (role === undefined) continue;
          const policy = policies.find(([, each]) => (each.role as string).includes(`aws_iam_role.${role}.`))?.[0];
          expect([type, id, depends_on]).toEqual([type, id, expect.arrayContaining([`aws_iam_role_policy.${policy}`])]);
          checked += 1;
        }
      }
    }
    expect(checked).toBeGreaterThan(20);
  });

  test("no environment owns what an account has once a region", () => {
    for (const stack of all) expect(stack.count("aws_api_gateway_account")).toBe(0);
  });

  test("names fit their services' limits", () => {
    const limits: Readonly<Record<string, readonly [attribute: string, limit: number]>> = {
      aws_s3_bucket: ["bucket", 63],
      aws_lambda_function: ["function_name", 64],
      aws_iam_role: ["name", 64],
      aws_sagemaker_endpoint: ["name", 63],
      aws_sagemaker_model: ["name", 63],
      aws_sfn_state_machine: ["name", 80],
      aws_scheduler_schedule: ["name", 64],
      aws_cloudwatch_metric_alarm: ["alarm_name", 255],
      aws_cloudwatch_event_rule: ["name", 64],
      aws_kinesis_firehose_delivery_stream: ["name", 64],
    };
    for (const [type, [attribute, limit]] of Object.entries(limits)) {
      const names = all.flatMap((stack) => Object.values(stack.all(type)).map((each) => each[attribute] as string));
      expect([type, names.length]).not.toEqual([type, 0]);
      for (const name of names) expect(name.length).toBeLessThanOrEqual(limit);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

describe("a fourth model on an existing dataset", () => {
  const fourth: Model = {
    ...(models[1] as Model),
    name: "gambling-behaviour-early-warning",
    description: "Early warning",
  };
  const catalogue = [...models, fourth];
  const config = withModels(
    loadConfig("local"),
    catalogue.map(({ name }) => name),
  );
  const before = synthesize("local");
  const after = synthesize(config, catalogue);

  const added = (stack: "storage" | "sagemaker" | "api" | "stepFunctions" | "monitoring") => {
    const known = new Set(before[stack].addresses);
    expect(before[stack].addresses.filter((address) => !after[stack].addresses.includes(address))).toEqual([]);
    return after[stack].addresses
      .filter((address) => !known.has(address))
      .map((address) => address.replace(/_[0-9A-F]{8}$/, ""));
  };

  test("brings exactly its bucket, repository, hosting, schedules and alarm", () => {
    const name = fourth.name;
    expect(added("storage")).toEqual([
      `aws_ecr_lifecycle_policy.repository-${name}_lifecycle`,
      `aws_ecr_repository.repository-${name}_repository`,
      `aws_s3_bucket.model-${name}_bucket`,
      `aws_s3_bucket_policy.model-${name}_policy`,
      `aws_s3_bucket_public_access_block.model-${name}_public-access`,
      `aws_s3_bucket_server_side_encryption_configuration.model-${name}_encryption`,
      `aws_s3_bucket_versioning.model-${name}_versioning`,
    ]);
    expect(added("sagemaker")).toEqual([
      `aws_appautoscaling_policy.${name}_endpoint_scaling_policy`,
      `aws_appautoscaling_target.${name}_endpoint_scaling_target`,
      `aws_cloudwatch_log_group.${name}_endpoint_logs`,
      `aws_cloudwatch_metric_alarm.${name}_endpoint_guardrails_errors`,
      `aws_cloudwatch_metric_alarm.${name}_endpoint_guardrails_latency`,
      `aws_iam_role.${name}_serving-role`,
      `aws_iam_role.${name}_training-role`,
      `aws_iam_role_policy.${name}_serving-role_policy`,
      `aws_iam_role_policy.${name}_training-role_policy`,
      `aws_s3_object.${name}_initial-artefact_object`,
      `aws_sagemaker_endpoint.${name}_endpoint`,
      `aws_sagemaker_endpoint_configuration.${name}_endpoint_initial-configuration`,
      `aws_sagemaker_model.${name}_endpoint_initial-model`,
      `aws_sagemaker_model_package_group.${name}_versions`,
      `aws_ssm_parameter.${name}_endpoint_last-run`,
      `aws_ssm_parameter.${name}_endpoint_serving-record`,
    ]);
    expect(added("api")).toEqual([]);
    expect(added("stepFunctions")).toEqual([`aws_scheduler_schedule.schedule-${name}`]);
    expect(added("monitoring")).toEqual([
      `aws_cloudwatch_event_rule.${name}_rule`,
      `aws_cloudwatch_event_target.${name}_target`,
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
