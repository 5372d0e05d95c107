import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type InvokeCommand, type InvokeCommandInput, LambdaClient } from "@aws-sdk/client-lambda";
import {
  type InvokeEndpointCommand,
  type InvokeEndpointCommandInput,
  SageMakerRuntimeClient,
} from "@aws-sdk/client-sagemaker-runtime";
import { type GetParameterCommand, type GetParameterCommandInput, SSMClient } from "@aws-sdk/client-ssm";
import { datasetNamed, datasets } from "../../../catalogue/datasets";
import { featureHash } from "../../../catalogue/datasets/kit/dataset";
import { models } from "../../../catalogue/models";
import type { handler as Filter } from "../../../handlers/api/filter";
import type { handler as Predict } from "../../../handlers/api/predict";
import type { createHandler } from "../../../handlers/api/preprocess";
import type { ProxyEvent, ProxyResult } from "../../../handlers/lib/http/api-gateway";

/** Below Lambda's own limit of 6 MB, in both directions. */
const LAMBDA_PAYLOAD = 6 * 1024 * 1024;

type Functions = {
  readonly filter: typeof Filter;
  readonly others: ReadonlyMap<string, (event: never) => Promise<unknown>>;
};

/**
 * The functions of the request path themselves, in this process, one calling the other through clients of AWS that are
 * replaced: what a client sends goes through everything of ours but API Gateway and the models, which answer 0.5.
 */
export function wholePath(): {
  readonly send: (body: string, headers?: ProxyEvent["headers"]) => Promise<ProxyResult>;
} {
  let functions: Functions;
  beforeAll(async () => {
    functions = await load();
    // Not mocks, which remember all that they were asked: fuzzing asks a great deal. Each test file has its own SDK.
    LambdaClient.prototype.send = (({ input }: InvokeCommand) => invoke(functions, input)) as never;
    SageMakerRuntimeClient.prototype.send = (({ input }: InvokeEndpointCommand) => scores(input)) as never;
    // Nobody is remembered.
    DynamoDBClient.prototype.send = (async () => ({})) as never;
    SSMClient.prototype.send = (({ input }: GetParameterCommand) => servingRecord(input)) as never;
  });

  return {
    send: (body, headers = { "content-type": "application/json" }) =>
      functions.filter(
        { headers, body, isBase64Encoded: false, requestContext: { requestId: "request-1" } },
        { getRemainingTimeInMillis: () => 29_000 },
      ),
  };
}

async function load(): Promise<Functions> {
  Object.assign(process.env, {
    ENVIRONMENT: "test",
    CURRENCY: "EUR",
    CURRENCY_RATES: "{}",
    OPERATOR_CURRENCIES: "{}",
    LOG_LEVEL: "INFO",
    AWS_REGION: "eu-west-1",
    PREPROCESS_FUNCTIONS: JSON.stringify(Object.fromEntries(datasets.map(({ name }) => [name, `preprocess-${name}`]))),
    PREDICT_FUNCTION: "predict",
    MAX_RECORDS: "100",
    MAX_BODY_BYTES: "5000000",
    // Whether a request is answered in time is no matter of how busy the machine is.
    REQUEST_BUDGET_MS: "25000",
    ENDPOINTS: JSON.stringify(Object.fromEntries(models.map(({ name }) => [name, name]))),
    SERVING_PARAMETERS: JSON.stringify(Object.fromEntries(models.map(({ name }) => [name, name]))),
    ENDPOINT_TIMEOUT_MS: "20000",
    SERVING_FRESH_SECONDS: "300",
    ASSESSMENT_TABLE: "assessments",
    RISK_MEMORY_DAYS: "30",
  });
  const [{ handler: filter }, { handler: predict }, preprocess] = await Promise.all([
    import("../../../handlers/api/filter") as Promise<{ handler: typeof Filter }>,
    import("../../../handlers/api/predict") as Promise<{ handler: typeof Predict }>,
    import("../../../handlers/api/preprocess") as Promise<{ createHandler: typeof createHandler }>,
  ]);
  return {
    filter,
    others: new Map<string, (event: never) => Promise<unknown>>([
      ["predict", predict],
      ...datasets.map((dataset) => [`preprocess-${dataset.name}`, preprocess.createHandler(dataset)] as const),
    ]),
  };
}

async function invoke({ others }: Functions, { FunctionName = "", Payload }: InvokeCommandInput) {
  const invoked = others.get(FunctionName);
  if (invoked === undefined) throw new Error(`there is no function ${FunctionName}`);
  const reply = JSON.stringify(await invoked(JSON.parse(bounded(Payload as Uint8Array).toString()) as never));
  return { Payload: bounded(Buffer.from(reply)) };
}

async function scores({ EndpointName, Body }: InvokeEndpointCommandInput) {
  const columns = datasetOf(EndpointName).features.length;
  const rows = Buffer.from(Body as Uint8Array)
    .toString()
    .trimEnd()
    .split("\n");
  for (const row of rows) {
    const values = row.split(",");
    const wrong = values.filter((value) => value !== "nan" && !Number.isFinite(Number(value)));
    if (values.length !== columns || wrong.length > 0) throw new Error(`a row that is none reached ${EndpointName}`);
  }
  return { Body: Buffer.from(rows.map(() => "0.5").join("\n")) };
}

async function servingRecord({ Name }: GetParameterCommandInput) {
  const record = { modelVersion: "v1", featureHash: featureHash(datasetOf(Name)) };
  return { Parameter: { Value: JSON.stringify(record) } };
}

const datasetOf = (model: string | undefined) =>
  datasetNamed((models.find(({ name }) => name === model) as (typeof models)[number]).dataset);

function bounded(payload: Uint8Array): Buffer {
  if (payload.byteLength > LAMBDA_PAYLOAD) throw new Error(`a payload of ${payload.byteLength} bytes`);
  return Buffer.from(payload);
}
