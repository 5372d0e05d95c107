import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { datasets } from "../../catalogue/datasets";
import { models } from "../../catalogue/models";
import type { PredictReply, PreprocessReply } from "../../contracts/request-path";
import { ROUTES } from "../../contracts/routes";
import type { ProxyEvent, ProxyResult } from "../../handlers/lib/http/api-gateway";
import { Naming } from "../../modules/base/naming";
import { callApi } from "../lib/predictions";
import { UserError } from "../lib/process";
import { type Access, apiAccess, emulatorSettings, type System } from "../lib/system";
import { endpointCalls, type Sample, samplesOf } from "./endpoint-calls";
import type { Result } from "./result";
import { alternate, median, milliseconds, quantile } from "./statistics";

const WARM_UPS = 20;
const REQUESTS = 200;

/**
 * Asks for predictions of a record. Throws where one of its dataset's models did not answer, because that would be no
 * measurement.
 */
async function predict(access: Access, record: Sample): Promise<void> {
  const { status, body } = await callApi(access, { records: [record] });
  if (status !== 200) throw new UserError(`The API answered ${status} to a sample record: ${JSON.stringify(body)}`);
  expectAll(body as PredictReply, record);
}

/**
 * Asks what must be enforced of a record's player, as a wallet does at log-in. Throws where that is not answered.
 */
async function askRestrictions({ url, key }: Access, { operatorId, playerId }: Sample): Promise<void> {
  const path = ROUTES.showRestrictions.path.replace("{playerId}", playerId);
  const asked = url.replace(ROUTES.predict.path, `${path}?operator=${operatorId}`);
  const response = await fetch(asked, { headers: { "x-api-key": key } });
  await response.text();
  if (response.status !== 200) throw new UserError(`The API answered ${response.status} to a check at log-in.`);
}

function expectAll({ predictions }: Pick<PredictReply, "predictions">, { dataset }: Sample): void {
  const expected = models.filter((model) => model.dataset === dataset).length;
  if (predictions.length !== expected) {
    throw new UserError(`${predictions.length} of ${expected} models answered to a sample record of ${dataset}.`);
  }
}

/** Makes calls of the functions on a record's way, each with what the one before it hands over. */
async function functionCalls({ emulator, config }: System, { keyId }: Access, record: Sample) {
  const client = new LambdaClient(emulatorSettings(emulator, config));
  const call = async <T>(name: string, payload: object): Promise<T> => {
    const command = new InvokeCommand({
      FunctionName: new Naming(config).of("function", name),
      Payload: Buffer.from(JSON.stringify(payload)),
    });
    const { FunctionError, Payload } = await client.send(command);
    if (FunctionError !== undefined) throw new UserError(`The function ${name} failed. See its log.`);
    return JSON.parse(Buffer.from(Payload ?? []).toString()) as T;
  };
  const requestId = "bench";
  const event: ProxyEvent = {
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ records: [record] }),
    requestContext: { requestId, identity: { apiKeyId: keyId } },
  };
  const preprocess = () =>
    call<PreprocessReply>(`preprocess-${record.dataset}`, { requestId, records: [{ index: 0, record }] });
  const { rows, featureHash } = await preprocess();
  return {
    filter: async () => {
      const { statusCode } = await call<ProxyResult>("filter", event);
      if (statusCode !== 200) throw new UserError(`The filter answered ${statusCode} to a sample record.`);
    },
    preprocess,
    predict: async () =>
      expectAll(await call<PredictReply>("predict", { requestId, dataset: record.dataset, featureHash, rows }), record),
  };
}

/** Milliseconds of a prediction, and of each call on its way with all that the call waits for. */
export type Way = Readonly<Record<"prediction" | "filter" | "preprocess" | "predict" | "endpoints", number>>;

/** Divides a prediction's time among its hops: each hop's is without that of the hops that it waits for. */
export const hopsOf = ({ prediction, filter, preprocess, predict, endpoints }: Way) => ({
  "API Gateway": prediction - filter,
  filter: filter - preprocess - predict,
  preprocess,
  predict: predict - endpoints,
  endpoints,
});

/**
 * Measures warm single predictions, one after the other over one connection, and each call on their way in turn with
 * them.
 */
export async function measureLatency(system: System, at: (what: string) => void): Promise<Result[]> {
  const access = await apiAccess(system, "sample-wallet");
  const results: Result[] = [];
  for (const { name } of datasets) {
    // Finds the longest record of the samples, which is the most to send, to check and to make features of.
    const record = samplesOf(name).reduce((one, other) =>
      JSON.stringify(other).length > JSON.stringify(one).length ? other : one,
    );
    const endpoints = endpointCalls(system, record);
    const [one] = endpoints;
    const calls = {
      ...(await functionCalls(system, access, record)),
      prediction: () => predict(access, record),
      restrictions: () => askRestrictions(access, record),
      endpoints: () => Promise.all(endpoints.map((invoke) => invoke())),
      floor: one,
    };
    for (let count = 0; count < WARM_UPS; count += 1) {
      at(`${name}, warming up`);
      await calls.prediction();
      await calls.restrictions();
      await calls.floor();
    }
    const measured = await alternate(
      REQUESTS,
      {
        prediction: () => milliseconds(calls.prediction),
        restrictions: () => milliseconds(calls.restrictions),
        floor: () => milliseconds(calls.floor),
        filter: () => milliseconds(calls.filter),
        preprocess: () => milliseconds(calls.preprocess),
        predict: () => milliseconds(calls.predict),
        endpoints: () => milliseconds(calls.endpoints),
      },
      (what) => at(`${name}, ${what}`),
    );
    const floor = { name: "InvokeEndpoint", value: median(measured.floor) };
    const least = quantile(measured.prediction, 0).toFixed(1);
    const p95 = quantile(measured.prediction, 0.95).toFixed(1);
    results.push({
      what: `prediction of ${name}`,
      value: median(measured.prediction),
      unit: "ms",
      detail: `median; min ${least}, p95 ${p95}`,
      floor,
      limit: { of: "value", atMost: 150 },
    });
    results.push({
      what: `restrictions of a player of ${name}`,
      value: median(measured.restrictions),
      unit: "ms",
      detail: `median; p95 ${quantile(measured.restrictions, 0.95).toFixed(1)}`,
      floor: { name: "a prediction", value: median(measured.prediction) },
      limit: { of: "ratio", atMost: 0.5 },
    });
    const hops = hopsOf({
      prediction: median(measured.prediction),
      filter: median(measured.filter),
      preprocess: median(measured.preprocess),
      predict: median(measured.predict),
      endpoints: median(measured.endpoints),
    });
    for (const [hop, value] of Object.entries(hops)) results.push({ what: `  of it ${hop}`, value, unit: "ms", floor });
  }
  return results;
}
