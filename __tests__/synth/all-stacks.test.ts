import { datasetNamed } from "../../catalogue/datasets";
import { featureHash } from "../../catalogue/datasets/kit/dataset";
import { type Model, models } from "../../catalogue/models";
import { loadConfig } from "../../config";
import { synthesize, withModels } from "./synthesize";

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
