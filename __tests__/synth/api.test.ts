import { datasets } from "../../catalogue/datasets";
import { loadConfig } from "../../config";
import { Naming } from "../../modules/base/naming";
import { list, statements, synthesize } from "./synthesize";

const { api, stepFunctions } = synthesize("production");

const permissionsOf = (name: string) => {
  const [found, ...others] = Object.entries(api.all("aws_iam_role_policy")).filter(([id]) =>
    id.startsWith(`${name}_role_policy`),
  );
  expect(others).toEqual([]);
  return statements(found?.[1].policy);
};
/** Every action as often as there are resources that it is allowed on. */
const actionsOf = (name: string) =>
  permissionsOf(name)
    .flatMap(({ Action, Resource }) => list(Resource).flatMap(() => list(Action)))
    .sort();
const LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"];
const TRACES = [
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
];

/** Paths of the API's resources, by what other resources call them. */
const paths = (() => {
  const resources = Object.entries(api.all("aws_api_gateway_resource"));
  const pathOf = (reference: unknown): string => {
    const [, above] = resources.find(([id]) => reference === `\${aws_api_gateway_resource.${id}.id}`) ?? [];
    return above ? `${pathOf(above.parent_id)}/${above.path_part}` : "";
  };
  return new Map(
    resources.map(([id]) => {
      const reference = `\${aws_api_gateway_resource.${id}.id}`;
      return [reference, pathOf(reference).slice(1)];
    }),
  );
})();
const methods = Object.entries(api.all("aws_api_gateway_method"));
const nameOf = ({ http_method, resource_id }: Readonly<Record<string, unknown>>) =>
  `${http_method} ${paths.get(resource_id as string)}`;
const route = (method: string, path: string) => methods.find(([, each]) => nameOf(each) === `${method} ${path}`)?.[1];
const LABELLING = ["GET labelling/progress", "GET labelling/tasks", "PUT labelling/tasks/{task}/answer"];
const REVIEWS = ["GET reviews", "GET reviews/{review}", "PUT reviews/{review}"];
const PLAYERS = [
  "GET players",
  "GET players/{playerId}",
  "GET players/{playerId}/history",
  "GET players/{playerId}/restrictions",
  "POST players/{playerId}/contest",
  "PUT players/{playerId}/declaration",
];

describe("API stack", () => {
  test("has these routes", () => {
    expect(methods.map(([, method]) => nameOf(method)).sort()).toEqual(
      [...LABELLING, ...REVIEWS, ...PLAYERS, "POST predictions"].sort(),
    );
    expect([...paths.values()].sort()).toEqual([
      "labelling",
      "labelling/progress",
      "labelling/tasks",
      "labelling/tasks/{task}",
      "labelling/tasks/{task}/answer",
      "players",
      "players/{playerId}",
      "players/{playerId}/contest",
      "players/{playerId}/declaration",
      "players/{playerId}/history",
      "players/{playerId}/restrictions",
      "predictions",
      "reviews",
      "reviews/{review}",
    ]);
  });

  test("the route of predictions is the one that earlier versions deployed", () => {
    expect(api.addresses.filter((address) => address.includes("rest_POSTpredictions"))).toEqual([
      "aws_api_gateway_integration.rest_POSTpredictions_integration_CCD9C2DD",
      "aws_api_gateway_method.rest_POSTpredictions_method_68E1166F",
      "aws_api_gateway_resource.rest_POSTpredictions_resource_90BC06C0",
      "aws_lambda_permission.rest_POSTpredictions_permission_07761F41",
    ]);
    const sources = Object.values(api.all("aws_lambda_permission")).filter(
      ({ statement_id }) => statement_id === "api-gateway",
    );
    expect(sources.map(({ source_arn }) => source_arn)).toContainEqual(expect.stringMatching(/POST\/predictions$/));
  });

  test.each(PLAYERS)("%s needs a client's key", (name) => {
    const [method, path] = name.split(" ") as [string, string];
    expect(route(method, path)).toMatchObject({ authorization: "NONE", api_key_required: true });
  });

  test("bodies of players and reviews are published, and checked by the functions, which say what is wrong where", () => {
    const published = { declaration: "PUT players/{playerId}/declaration", contest: "POST players/{playerId}/contest" };
    for (const [model, name] of Object.entries({ ...published, decision: "PUT reviews/{review}" })) {
      const [method, path] = name.split(" ") as [string, string];
      const found = route(method, path);
      expect(found?.request_models).toEqual({
        "application/json": expect.stringMatching(new RegExp(`^\\$\\{aws_api_gateway_model\\.rest_model-${model}_`)),
      });
      expect(found).not.toHaveProperty("request_validator_id");
    }
    expect(route("GET", "players")?.request_parameters).toMatchObject({
      "method.request.querystring.changedSince": false,
    });
  });

  test.each([...LABELLING, ...REVIEWS])("%s needs a person's token, and no key", (name) => {
    const [method, path] = name.split(" ") as [string, string];
    const found = route(method, path);
    expect(found).toMatchObject({
      authorization: "COGNITO_USER_POOLS",
      authorizer_id: expect.stringMatching(/^\$\{aws_api_gateway_authorizer\.rest_labellers_\w+\.id\}$/),
      api_key_required: false,
    });
    expect(found).not.toHaveProperty("request_validator_id");
  });

  test("tokens are those of the user pool of labellers", () => {
    expect(api.one("aws_api_gateway_authorizer")).toMatchObject({
      type: "COGNITO_USER_POOLS",
      provider_arns: [expect.stringContaining("aws_cognito_user_pool")],
    });
    expect(api.json.output).toMatchObject({
      "labelling-url": { value: expect.stringMatching(/\/labelling$/) },
      "labeller-pool-id": { value: expect.any(String) },
      "labeller-client-id": { value: expect.any(String) },
    });
  });

  test("each route may invoke its function, and no other may", () => {
    const permissions = Object.values(api.all("aws_lambda_permission"));
    const sources = permissions.map(({ source_arn }) => (source_arn as string).replace(/^.*\}/, ""));
    expect(sources.sort()).toEqual([
      "/*/GET/labelling/progress",
      "/*/GET/labelling/tasks",
      "/*/GET/players",
      "/*/GET/players/*",
      "/*/GET/players/*/history",
      "/*/GET/players/*/restrictions",
      "/*/GET/reviews",
      "/*/GET/reviews/*",
      "/*/POST/players/*/contest",
      "/*/POST/predictions",
      "/*/PUT/labelling/tasks/*/answer",
      "/*/PUT/players/*/declaration",
      "/*/PUT/reviews/*",
    ]);
    for (const permission of permissions) {
      expect(permission).toMatchObject({
        principal: "apigateway.amazonaws.com",
        qualifier: expect.stringContaining("_live_"),
      });
    }
    // A function's statements have names of their own.
    const named = permissions.map(({ function_name, statement_id }) => `${function_name} ${statement_id}`);
    expect(new Set(named).size).toBe(permissions.length);
  });

  test("a change of any route deploys the stage anew", () => {
    const { triggers } = api.one("aws_api_gateway_deployment") as { triggers: Record<string, string> };
    expect(triggers.integrations?.split(",")).toHaveLength(13);
    expect(triggers.access?.split(",")).toEqual([
      ...["api-key:batch", "labellers:", "labellers:", "labellers:"],
      ...["api-key:&operator", "api-key:&operator", "api-key:&operator&changedSince&group&limit&after"],
      ...["api-key:&operator&limit&after", "api-key:contest&operator", "api-key:declaration&operator"],
      ...["labellers:&limit&after", "labellers:", "labellers:decision"],
    ]);
  });

  test("POST /predictions needs a key and a body that is a batch", () => {
    expect(route("POST", "predictions")).toMatchObject({
      authorization: "NONE",
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

  test("has the functions of its routes and of the request path, and all are traced", () => {
    const functions = Object.values(api.all("aws_lambda_function"));
    expect(functions.map(({ function_name }) => function_name).sort()).toEqual([
      "vwt-production-filter",
      "vwt-production-labelling",
      "vwt-production-players",
      "vwt-production-predict",
      "vwt-production-preprocess-before-initial-deposit",
      "vwt-production-preprocess-gambling-behaviour",
      "vwt-production-reviews",
    ]);
    for (const each of functions) expect(each).toMatchObject({ tracing_config: { mode: "Active" } });
  });

  test("each function may do what it does and nothing else", () => {
    expect(actionsOf("filter")).toEqual([...LOGS, ...TRACES, ...Array(3).fill("lambda:InvokeFunction")].sort());
    expect(actionsOf("predict")).toEqual(
      [
        ...LOGS,
        ...TRACES,
        ...Array(3).fill("sagemaker:InvokeEndpoint"),
        ...Array(4).fill("ssm:GetParameter"),
        ...Array(2).fill("firehose:PutRecordBatch"),
        // The former of players too, of whom it may read no more than withholds marketing.
        ...["dynamodb:BatchGetItem", "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"],
        ...["kms:Decrypt", "kms:GenerateDataKey"],
        ...["events:PutEvents", "sqs:SendMessage"],
      ].sort(),
    );
    expect(actionsOf("labelling")).toEqual(
      [
        ...LOGS,
        ...TRACES,
        ...["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"],
        ...["kms:Decrypt", "kms:GenerateDataKey", "states:SendTaskSuccess"],
      ].sort(),
    );
    for (const [name, more] of [
      ["players", ["dynamodb:BatchGetItem"]],
      ["reviews", []],
    ] as const) {
      const actions = [...more, "dynamodb:GetItem", "dynamodb:PutItem", "kms:Decrypt", "kms:GenerateDataKey"];
      // The player's changes, and an index.
      expect(actionsOf(name)).toEqual([...LOGS, ...TRACES, ...actions, ...Array(2).fill("dynamodb:Query")].sort());
    }
    for (const { name } of datasets) expect(actionsOf(`preprocess-${name}`)).toEqual([...LOGS, ...TRACES].sort());
  });

  test("labelling answers in one table, lists one index of it, and resumes one state machine", () => {
    const resourcesOf = (action: string) =>
      permissionsOf("labelling")
        .filter(({ Action }) => list(Action).includes(action))
        .flatMap(({ Resource }) => list(Resource));
    expect(resourcesOf("dynamodb:UpdateItem")).toEqual([expect.stringMatching(/^\$\{[^}]*dynamodb_table[^}]*\}$/)]);
    expect(resourcesOf("dynamodb:Query")).toEqual([expect.stringMatching(/dynamodb_table[^}]*\}\/index\/queue$/)]);
    expect(resourcesOf("states:SendTaskSuccess")).toEqual([
      "arn:aws:states:eu-west-1:000000000000:stateMachine:vwt-production-main",
    ]);
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

  test.each([["filter"], ["players"]])(
    "%s knows the operators of each client by its key, which depends on nothing that is made after it",
    (name) => {
      const { environment } = api.one("aws_lambda_function", { function_name: `vwt-production-${name}` }) as {
        environment: { variables: Record<string, string> };
      };
      const byKey = JSON.parse(environment.variables.CLIENT_OPERATORS as string) as Record<string, string[]>;
      const keys = api.all("aws_api_gateway_api_key");
      const operatorsOf = (key: string) =>
        Object.entries(byKey).find(([id]) => keys[/key\.([\w-]+)\.id/.exec(id)?.[1] ?? ""]?.name === key)?.[1];
      expect(operatorsOf("vwt-production-wallet-wallet")).toEqual(["operator-a"]);
      expect(operatorsOf("vwt-production-operator-operator")).toEqual(["operator-a"]);
      expect(Object.keys(byKey)).toHaveLength(Object.keys(keys).length);
      // A reference would close a circle: key, filter, integration, deployment, stage, plan.
      expect(JSON.stringify(keys)).not.toMatch(/\$\{|depends_on/);
    },
  );
});

test("all functions that read records know the currencies of the configuration", () => {
  const reading = [api, stepFunctions]
    .flatMap((stack) => Object.values(stack.all("aws_lambda_function")))
    .filter(({ function_name }) => /-(preprocess|prepare)-/.test(function_name as string));
  expect(reading).toHaveLength(2 * datasets.length);
  for (const { environment } of reading) {
    const { variables } = environment as { variables: Record<string, string> };
    expect(variables).toMatchObject({ CURRENCY: "EUR", CURRENCY_RATES: "{}", OPERATOR_CURRENCIES: "{}" });
  }
});

test("assessments are remembered for as long as the configuration says, and not lost by accident", () => {
  expect(api.one("aws_dynamodb_table")).toMatchObject({
    name: "vwt-production-assessments",
    hash_key: "player",
    ttl: { attribute_name: "expiresAt", enabled: true },
    deletion_protection_enabled: true,
  });
  const { environment } = api.one("aws_lambda_function", { function_name: "vwt-production-predict" });
  expect((environment as { variables: object }).variables).toMatchObject({ RISK_MEMORY_DAYS: "30" });
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
    const role = new Naming(loadConfig("production")).of("role", "captured", name);
    const { assume_role_policy } = api.one("aws_iam_role", { name: role });
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

  test("players get their keys by a secret that Terraform draws once, and that predict alone may read", () => {
    const secret = api.one("aws_ssm_parameter");
    expect(secret).toMatchObject({
      name: "/vwt/production/capture/secret",
      type: "SecureString",
      key_id: expect.any(String),
      value: expect.stringMatching(/^\$\{join\("", \[uuid\(\), uuid\(\)\]\)\}$/),
      lifecycle: { ignore_changes: ["value"] },
    });
    expect(variablesOf(api).CAPTURE_SECRET).toMatch(/^\$\{aws_ssm_parameter\.capture-secret_parameter_\w+\.name\}$/);
    const readers = Object.entries(api.all("aws_iam_role_policy")).filter(([, { policy }]) =>
      statements(policy).some(({ Resource }) => list(Resource).some((each) => each.includes("capture-secret"))),
    );
    expect(readers.map(([id]) => id)).toEqual([expect.stringMatching(/^predict_role_policy/)]);
  });

  test("with a share of 0 there are no streams, and predict knows of none", () => {
    const production = loadConfig("production");
    const drift = { ...production.drift, captureShare: 0, enabled: false };
    const { api: without } = synthesize({ ...production, drift });
    expect(without.addresses.filter((address) => /firehose|captured/.test(address))).toEqual([]);
    expect(Object.keys(variablesOf(without)).filter((name) => name.startsWith("CAPTURE"))).toEqual([]);
  });
});

test("the functions of the request path have their share of the account's, where the configuration reserves it", () => {
  const reservedIn = (stack: typeof api) =>
    Object.fromEntries(
      Object.values(stack.all("aws_lambda_function")).map((lambda) => [
        (lambda.function_name as string).replace(/^vwt-[a-z]+-/, ""),
        lambda.reserved_concurrent_executions,
      ]),
    );
  expect(reservedIn(api)).toEqual({
    filter: 200,
    "preprocess-before-initial-deposit": 150,
    "preprocess-gambling-behaviour": 150,
    predict: 150,
    players: 40,
  });
  expect(new Set(Object.values(reservedIn(synthesize("development").api)))).toEqual(new Set([undefined]));
});
