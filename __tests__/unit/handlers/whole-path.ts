import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import { featureHash } from "../../../catalogue/dataset";
import { datasetNamed, datasets } from "../../../catalogue/datasets";
import { models } from "../../../catalogue/models";
import type { handler as Filter } from "../../../handlers/filter";
import type { handler as Predict } from "../../../handlers/predict";
import type { createHandler } from "../../../handlers/preprocess";
import type { ProxyEvent, ProxyResult } from "../../../handlers/shared/api-gateway";

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
  const lambda = mockClient(LambdaClient);
  const runtime = mockClient(SageMakerRuntimeClient);
  const ssm = mockClient(SSMClient);
  let functions: Functions;

  beforeAll(async () => {
    functions = await load();
  });
  // Other tests' clean-up restores what is mocked.
  beforeEach(() => {
    lambda.on(InvokeCommand).callsFake(async ({ FunctionName, Payload }) => {
      const invoked = functions.others.get(FunctionName);
      if (invoked === undefined) throw new Error(`there is no function ${FunctionName}`);
      bounded(Payload);
      const reply = Buffer.from(JSON.stringify(await invoked(JSON.parse(Buffer.from(Payload).toString()) as never)));
      bounded(reply);
      return { Payload: reply };
    });
    runtime.on(InvokeEndpointCommand).callsFake(async ({ EndpointName, Body }) => {
      const { dataset } = models.find(({ name }) => name === EndpointName) as (typeof models)[number];
      const columns = datasetNamed(dataset).features.length;
      const lines = Buffer.from(Body).toString().trimEnd().split("\n");
      for (const line of lines) {
        const values = line.split(",");
        const wrong = values.filter((value) => value !== "nan" && !Number.isFinite(Number(value)));
        if (values.length !== columns || wrong.length > 0)
          throw new Error(`a row that is none reached ${EndpointName}`);
      }
      return { Body: Buffer.from(lines.map(() => "0.5").join("\n")) as never };
    });
    ssm.on(GetParameterCommand).callsFake(async ({ Name }) => {
      const { dataset } = models.find(({ name }) => name === Name) as (typeof models)[number];
      const record = { modelVersion: "v1", featureHash: featureHash(datasetNamed(dataset)) };
      return { Parameter: { Value: JSON.stringify(record) } };
    });
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
    LOG_LEVEL: "INFO",
    AWS_REGION: "eu-west-1",
    PREPROCESS_FUNCTIONS: JSON.stringify(Object.fromEntries(datasets.map(({ name }) => [name, `preprocess-${name}`]))),
    PREDICT_FUNCTION: "predict",
    MAX_RECORDS: "100",
    MAX_BODY_BYTES: "5000000",
    // Whether a request is answered in time is no matter of how busy the machine is.
    REQUEST_BUDGET_MS: "28000",
    ENDPOINTS: JSON.stringify(
      Object.fromEntries(models.map(({ name }) => [name, { endpoint: name, servingParameter: name }])),
    ),
    ENDPOINT_TIMEOUT_MS: "20000",
    SERVING_FRESH_SECONDS: "300",
  });
  const [{ handler: filter }, { handler: predict }, preprocess] = await Promise.all([
    import("../../../handlers/filter") as Promise<{ handler: typeof Filter }>,
    import("../../../handlers/predict") as Promise<{ handler: typeof Predict }>,
    import("../../../handlers/preprocess") as Promise<{ createHandler: typeof createHandler }>,
  ]);
  return {
    filter,
    others: new Map<string, (event: never) => Promise<unknown>>([
      ["predict", predict],
      ...datasets.map((dataset) => [`preprocess-${dataset.name}`, preprocess.createHandler(dataset)] as const),
    ]),
  };
}

function bounded(payload: Uint8Array): void {
  if (payload.byteLength > LAMBDA_PAYLOAD) throw new Error(`a payload of ${payload.byteLength} bytes`);
}
