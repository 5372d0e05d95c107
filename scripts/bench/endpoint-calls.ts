import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { datasetNamed } from "../../catalogue/datasets";
import { ONE_CURRENCY } from "../../catalogue/datasets/kit/money";
import { models } from "../../catalogue/models";
import { csvRow } from "../../handlers/lib/records/csv";
import { recordReader } from "../../handlers/lib/records/records";
import { endpointParts, Naming } from "../../modules/base/naming";
import { sampleBatch } from "../lib/sample-data";
import { emulatorSettings, type System } from "../lib/system";

/** A record of the datasets' samples. */
export type Sample = Parameters<ReturnType<typeof recordReader>["features"]>[0];

export const samplesOf = (dataset: string): Sample[] =>
  (sampleBatch() as Sample[]).filter((record) => record.dataset === dataset);

/** Makes a call for each endpoint of a record's dataset, which sends the record's row without anything in between. */
export function endpointCalls({ emulator, config }: System, record: Sample) {
  const client = new SageMakerRuntimeClient(emulatorSettings(emulator, config));
  const row = csvRow(recordReader(datasetNamed(record.dataset), ONE_CURRENCY).features(record).vector);
  const call = (model: string) => () =>
    client.send(
      new InvokeEndpointCommand({
        EndpointName: new Naming(config).of("sagemaker", ...endpointParts(model, "realtime")),
        ContentType: "text/csv",
        Accept: "text/csv",
        Body: Buffer.from(row),
      }),
    );
  const [first, ...others] = models.filter(({ dataset }) => dataset === record.dataset).map(({ name }) => call(name));
  if (first === undefined) throw new Error(`No model is of ${record.dataset}`);
  return [first, ...others] as const;
}
