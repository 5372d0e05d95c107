import { datasetNamed, datasets } from "../../../catalogue/datasets";
import { modelNamed, models } from "../../../catalogue/models";
import { layoutHash } from "../../../catalogue/training/scaling";
import { createHandler as createFilter } from "../../../handlers/api/filter/handler";
import { createHandler as createPredict } from "../../../handlers/api/predict/handler";
import { createHandler as createPreprocess } from "../../../handlers/api/preprocess/handler";
import type { ProxyEvent, ProxyResult } from "../../../handlers/lib/http/api-gateway";
import { createTelemetry } from "../../../handlers/lib/util/telemetry";

const KEY_ID = "key-1";
/** Operators of the sample records. */
const SAMPLE_OPERATORS = ["operator-a", "operator-b", "operator-c"];

/** Below Lambda's own limit of 6 MB, in both directions. */
const LAMBDA_PAYLOAD = 6 * 1024 * 1024;

/**
 * The functions of the request path themselves, in this process, one calling the other: what a client sends goes through
 * everything of ours but API Gateway, the clients of AWS and the models, which answer 0.5. Nobody is remembered. The
 * client acts for these operators.
 */
export function wholePath(operators: readonly string[] = SAMPLE_OPERATORS): {
  readonly send: (body: string, headers?: ProxyEvent["headers"]) => Promise<ProxyResult>;
} {
  const settings = { ENVIRONMENT: "test", LOG_LEVEL: "INFO" } as const;
  const perModel = new Map(models.map(({ name }) => [name, name]));
  const money = { CURRENCY: "EUR", CURRENCY_RATES: new Map(), OPERATOR_CURRENCIES: new Map() };
  const predict = createPredict({
    environment: {
      ENDPOINTS: perModel,
      SERVING_PARAMETERS: perModel,
      ENDPOINT_TIMEOUT_MS: 20_000,
      SERVING_FRESH_SECONDS: 300,
      RISK_MEMORY_DAYS: 30,
      MARKETING_RULES: new Map(),
      CAPTURE_STREAMS: new Map(),
      CAPTURE_SHARE: 0,
      CAPTURE_SECRET: "",
    },
    telemetry: createTelemetry("predict", settings),
    endpoints: { invoke: scores, now: Date.now, pause: async () => {} },
    parameter: servingRecord,
    put: async () => {},
    history: { read: async () => new Map(), write: async () => {}, standings: async () => [] },
    channels: [async () => []],
    now: Date.now,
  });
  const functions = new Map<string, (event: never) => Promise<unknown>>([
    ["predict", predict],
    ...datasets.map((dataset) => {
      const deps = { environment: money, telemetry: createTelemetry("preprocess", settings) };
      return [`preprocess-${dataset.name}`, createPreprocess(dataset, deps)] as const;
    }),
  ]);
  const filter = createFilter({
    environment: {
      CLIENT_OPERATORS: new Map([[KEY_ID, operators]]),
      PREPROCESS_FUNCTIONS: new Map(datasets.map(({ name }) => [name, `preprocess-${name}`])),
      PREDICT_FUNCTION: "predict",
      MAX_RECORDS: 100,
      MAX_BODY_BYTES: 5_000_000,
      // Whether a request is answered in time is no matter of how busy the machine is.
      REQUEST_BUDGET_MS: 28_000,
    },
    telemetry: createTelemetry("filter", settings),
    invoke: async (name, payload) => {
      const invoked = functions.get(name);
      if (invoked === undefined) throw new Error(`there is no function ${name}`);
      return bounded(JSON.stringify(await invoked(JSON.parse(bounded(payload)) as never)));
    },
  });
  return {
    send: (body, headers = { "content-type": "application/json" }) =>
      filter(
        {
          headers,
          body,
          isBase64Encoded: false,
          requestContext: { requestId: "request-1", identity: { apiKeyId: KEY_ID } },
        },
        { getRemainingTimeInMillis: () => 29_000 },
      ),
  };
}

async function scores(endpoint: string, body: string): Promise<string> {
  const columns = datasetOf(endpoint).features.length;
  const rows = body.trimEnd().split("\n");
  for (const row of rows) {
    const values = row.split(",");
    const wrong = values.filter((value) => value !== "nan" && !Number.isFinite(Number(value)));
    if (values.length !== columns || wrong.length > 0) throw new Error(`a row that is none reached ${endpoint}`);
  }
  return rows.map(() => "0.5").join("\n");
}

const servingRecord = async (name: string): Promise<string> =>
  JSON.stringify({ modelVersion: "v1", featureHash: layoutHash(modelNamed(name)) });

const datasetOf = (model: string) => datasetNamed(modelNamed(model).dataset);

function bounded(payload: string): string {
  const bytes = Buffer.byteLength(payload);
  if (bytes > LAMBDA_PAYLOAD) throw new Error(`a payload of ${bytes} bytes`);
  return payload;
}
