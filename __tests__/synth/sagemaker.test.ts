import { models } from "../../catalogue/models";
import { list, statements, synthesize } from "./synthesize";

const production = synthesize("production").sagemaker;
const serverless = synthesize("development").sagemaker;

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
