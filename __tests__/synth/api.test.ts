import { datasets } from "../../catalogue/datasets";
import { list, statements, synthesize } from "./synthesize";

const { api } = synthesize("production");

const permissionsOf = (name: string) => {
  const [found, ...others] = Object.entries(api.all("aws_iam_role_policy")).filter(([id]) =>
    id.startsWith(`${name}_role_policy`),
  );
  expect(others).toEqual([]);
  return statements(found?.[1].policy);
};
const actionsOf = (name: string) =>
  permissionsOf(name)
    .flatMap(({ Action }) => list(Action))
    .sort();
const LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"];
const TRACES = [
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
];

describe("API stack", () => {
  test("POST /predictions needs a key and a body that is a batch", () => {
    expect(api.one("aws_api_gateway_resource")).toMatchObject({ path_part: "predictions" });
    expect(api.one("aws_api_gateway_method")).toMatchObject({
      http_method: "POST",
      api_key_required: true,
      request_models: {
        "application/json": expect.stringMatching(/^\$\{aws_api_gateway_model\.rest_model-batch_\w+\.name\}$/),
      },
      request_validator_id: expect.stringMatching(/^\$\{aws_api_gateway_request_validator\./),
    });
    expect(api.one("aws_api_gateway_request_validator")).toMatchObject({ validate_request_body: true });
  });

  test.each(datasets.map((dataset) => [dataset.name, dataset] as const))(
    "%s publishes its record's schema",
    (name, dataset) => {
      const [model] = Object.entries(api.all("aws_api_gateway_model")).filter(([id]) =>
        id.startsWith(`rest_model-${name}_`),
      );
      const schema = JSON.parse(model?.[1].schema as string);
      expect(schema).toEqual(JSON.parse(JSON.stringify(dataset.record.jsonSchema("draft-04"))));
      expect(schema.$schema).toContain("draft-04");
      expect(schema.required).toEqual(expect.arrayContaining(["dataset", "playerId", "operatorId", "asOf"]));
    },
  );

  test("the stage has access log, metrics, tracing and throttling, and logs no bodies", () => {
    expect(api.one("aws_api_gateway_stage")).toMatchObject({ xray_tracing_enabled: true });
    expect(api.one("aws_api_gateway_stage").access_log_settings).toMatchObject({
      format: expect.stringContaining("$context.requestId"),
    });
    expect(api.one("aws_api_gateway_method_settings").settings).toMatchObject({
      metrics_enabled: true,
      data_trace_enabled: false,
      throttling_rate_limit: 500,
      throttling_burst_limit: 1000,
    });
  });

  test("every usage plan of the configuration has its quota, throttle and keys", () => {
    expect(api.count("aws_api_gateway_usage_plan")).toBe(2);
    expect(api.count("aws_api_gateway_api_key")).toBe(2);
    expect(api.count("aws_api_gateway_usage_plan_key")).toBe(2);
    expect(api.one("aws_api_gateway_usage_plan", { name: "vwt-production-operator" })).toMatchObject({
      quota_settings: { limit: 100_000, period: "DAY" },
      throttle_settings: { rate_limit: 20, burst_limit: 40 },
    });
  });

  test("each gateway response is a problem document, and 429 and 503 say when to come back", () => {
    const responses = Object.values(api.all("aws_api_gateway_gateway_response"));
    expect(responses.length).toBeGreaterThanOrEqual(10);
    for (const { status_code, response_templates, response_parameters } of responses) {
      const document = JSON.parse((response_templates as Record<string, string>)["application/json"] as string);
      expect(document).toMatchObject({
        status: Number(status_code),
        type: expect.stringMatching(/^urn:vwt:problem:[a-z-]+$/),
      });
      expect(document.requestId).toBe("$context.requestId");
      if (["429", "503"].includes(status_code as string)) {
        expect(response_parameters).toHaveProperty(["gatewayresponse.header.Retry-After"]);
      }
    }
  });

  test("functions run on arm64 and Node 22, publish a version, and are called by their alias live", () => {
    const functions = Object.values(api.all("aws_lambda_function"));
    expect(functions.map(({ function_name }) => function_name).sort()).toEqual([
      "vwt-production-filter",
      "vwt-production-predict",
      "vwt-production-preprocess-before-initial-deposit",
      "vwt-production-preprocess-gambling-behaviour",
    ]);
    for (const each of functions) {
      expect(each).toMatchObject({
        runtime: "nodejs22.x",
        architectures: ["arm64"],
        publish: true,
        tracing_config: { mode: "Active" },
        source_code_hash: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
        s3_key: expect.stringMatching(/^\$\{aws_s3_object\./),
      });
    }
    expect(Object.values(api.all("aws_lambda_alias")).map(({ name }) => name)).toEqual([
      "live",
      "live",
      "live",
      "live",
    ]);
    expect(api.one("aws_lambda_permission")).toMatchObject({ principal: "apigateway.amazonaws.com" });
    for (const { retention_in_days, kms_key_id } of Object.values(api.all("aws_cloudwatch_log_group"))) {
      expect(retention_in_days).toBe(365);
      expect(kms_key_id).toBeDefined();
    }
  });

  test("each function may do what it does and nothing else", () => {
    expect(actionsOf("filter")).toEqual([...LOGS, ...TRACES, ...Array(3).fill("lambda:InvokeFunction")].sort());
    expect(actionsOf("predict")).toEqual(
      [...LOGS, ...TRACES, ...Array(3).fill("sagemaker:InvokeEndpoint"), ...Array(3).fill("ssm:GetParameter")].sort(),
    );
    for (const { name } of datasets) expect(actionsOf(`preprocess-${name}`)).toEqual([...LOGS, ...TRACES].sort());
  });

  test("the filter is told of every dataset's function and of predict, by alias", () => {
    const { environment } = api.one("aws_lambda_function", { function_name: "vwt-production-filter" }) as {
      environment: { variables: Record<string, string> };
    };
    expect(Object.keys(JSON.parse(environment.variables.PREPROCESS_FUNCTIONS as string))).toEqual(
      datasets.map(({ name }) => name),
    );
    expect(environment.variables.PREDICT_FUNCTION).toMatch(/^\$\{aws_lambda_alias\.predict_live_\w+\.arn\}$/);
  });
});
