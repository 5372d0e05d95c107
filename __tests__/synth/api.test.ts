import { datasets } from "../../catalogue/datasets";
import { loadConfig } from "../../config";
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
      [
        ...LOGS,
        ...TRACES,
        ...Array(3).fill("sagemaker:InvokeEndpoint"),
        ...Array(3).fill("ssm:GetParameter"),
        ...Array(2).fill("firehose:PutRecordBatch"),
      ].sort(),
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

describe("captured traffic", () => {
  const variablesOf = (stack: typeof api) =>
    (
      stack.one("aws_lambda_function", { function_name: "vwt-production-predict" }).environment as {
        variables: Record<string, string>;
      }
    ).variables;

  test.each(datasets.map(({ name }) => name))("%s has an encrypted stream into its own bucket", (name) => {
    const stream = `vwt-production-captured-${name}`;
    expect(api.one("aws_kinesis_firehose_delivery_stream", { name: stream })).toMatchObject({
      destination: "extended_s3",
      server_side_encryption: { enabled: true, key_type: "CUSTOMER_MANAGED_CMK" },
      extended_s3_configuration: {
        bucket_arn: expect.stringContaining(`data-${name}_bucket`),
        prefix: "captured/!{timestamp:yyyy/MM/dd/HH}/",
        error_output_prefix: "capture-errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/",
        buffering_size: 64,
        buffering_interval: 300,
        compression_format: "GZIP",
        kms_key_arn: expect.any(String),
        cloudwatch_logging_options: { enabled: true, log_stream_name: expect.any(String) },
      },
    });
    expect(api.count("aws_kinesis_firehose_delivery_stream")).toBe(datasets.length);
    expect(api.one("aws_cloudwatch_log_group", { name: `/aws/kinesisfirehose/${stream}` })).toBeDefined();
    const { assume_role_policy } = api.one("aws_iam_role", { name: stream });
    expect(statements(assume_role_policy)).toMatchObject([{ Principal: { Service: "firehose.amazonaws.com" } }]);
  });

  test("a stream's role writes under two prefixes of its bucket and reads nothing of it", () => {
    const granted = permissionsOf("captured-gambling-behaviour");
    const objects = granted.filter(({ Action }) => list(Action).includes("s3:PutObject"));
    expect(objects).toHaveLength(1);
    expect(list(objects[0]?.Resource).map((resource) => resource.replace(/^.*\}/, ""))).toEqual([
      "/captured/*",
      "/capture-errors/*",
    ]);
    expect(granted.flatMap(({ Action }) => list(Action))).not.toContain("s3:GetObject");
  });

  test("predict knows the share and every dataset's stream", () => {
    const { CAPTURE_SHARE, CAPTURE_STREAMS } = variablesOf(api);
    expect(CAPTURE_SHARE).toBe("0.1");
    expect(Object.keys(JSON.parse(CAPTURE_STREAMS as string))).toEqual(datasets.map(({ name }) => name));
  });

  test("with a share of 0 there are no streams, and predict knows of none", () => {
    const production = loadConfig("production");
    const drift = { ...production.drift, captureShare: 0, enabled: false };
    const { api: without } = synthesize({ ...production, drift });
    expect(without.addresses.filter((address) => /firehose|captured/.test(address))).toEqual([]);
    expect(Object.keys(variablesOf(without)).filter((name) => name.startsWith("CAPTURE"))).toEqual([]);
  });
});
