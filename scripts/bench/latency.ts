import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { datasetNamed, datasets } from "../../catalogue/datasets";
import { ONE_CURRENCY } from "../../catalogue/datasets/kit/money";
import { models } from "../../catalogue/models";
import { csvRow } from "../../handlers/lib/records/csv";
import { recordReader } from "../../handlers/lib/records/records";
import { endpointParts, Naming } from "../../modules/base/naming";
import { callApi } from "../lib/predictions";
import { UserError } from "../lib/process";
import { sampleBatch } from "../lib/sample-data";
import type { Answered } from "../lib/summary";
import { type Access, apiAccess, emulatorSettings, type System } from "../lib/system";
import type { Result } from "./result";
import { alternate, median, milliseconds, quantile } from "./statistics";

const WARM_UPS = 20;
const REQUESTS = 200;

type Sample = Parameters<ReturnType<typeof recordReader>["features"]>[0];

/** Asks for predictions of a record. Throws where one of its dataset's models did not answer, because that would be no measurement. */
async function predict(access: Access, record: Sample): Promise<void> {
  const { status, body } = await callApi(access, { records: [record] });
  const expected = models.filter(({ dataset }) => dataset === record.dataset).length;
  if (status === 200 && (body as Answered).predictions.length === expected) return;
  throw new UserError(`The API answered ${status} to a sample record: ${JSON.stringify(body)}`);
}

/** Sends a record's row to the first of the dataset's endpoints, without anything in between. */
function bareInvocation({ emulator, config }: System, record: Sample): () => Promise<unknown> {
  const client = new SageMakerRuntimeClient(emulatorSettings(emulator, config));
  const model = models.find(({ dataset }) => dataset === record.dataset)?.name as string;
  const row = csvRow(recordReader(datasetNamed(record.dataset), ONE_CURRENCY).features(record).vector);
  return () =>
    client.send(
      new InvokeEndpointCommand({
        EndpointName: new Naming(config).of("sagemaker", ...endpointParts(model, "realtime")),
        ContentType: "text/csv",
        Accept: "text/csv",
        Body: Buffer.from(row),
      }),
    );
}

/**
 * Measures warm single predictions, one after the other over one connection, and bare calls of the endpoint in turn
 * with them.
 */
export async function measureLatency(system: System, at: (what: string) => void): Promise<Result[]> {
  const access = await apiAccess(system, "sample-wallet");
  const samples = sampleBatch() as Sample[];
  const results: Result[] = [];
  for (const { name } of datasets) {
    // Finds the longest record of the samples, which is the most to send, to check and to make features of.
    const record = samples
      .filter(({ dataset }) => dataset === name)
      .reduce((one, other) => (JSON.stringify(other).length > JSON.stringify(one).length ? other : one));
    const invoke = bareInvocation(system, record);
    for (let count = 0; count < WARM_UPS; count += 1) {
      at(`${name}, warming up`);
      await predict(access, record);
      await invoke();
    }
    const measured = await alternate(
      REQUESTS,
      { prediction: () => milliseconds(() => predict(access, record)), floor: () => milliseconds(invoke) },
      (what) => at(`${name}, ${what}`),
    );
    const least = quantile(measured.prediction, 0).toFixed(1);
    const p95 = quantile(measured.prediction, 0.95).toFixed(1);
    results.push({
      what: `prediction of ${name}`,
      value: median(measured.prediction),
      unit: "ms",
      detail: `median; min ${least}, p95 ${p95}`,
      floor: { name: "InvokeEndpoint", value: median(measured.floor) },
      limit: { of: "value", atMost: 150 },
    });
  }
  return results;
}
