import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { readEnvironment } from "../../../contracts/environment";
import { ROWS, RUNS } from "../../../contracts/run-layout";
import { clientOptions } from "../../lib/aws/clients";
import { objectStore } from "../../lib/aws/objects";
import { entryOf } from "../../lib/util/environment";
import { createTelemetry } from "../../lib/util/telemetry";
import { configurationsOf, registeredVersions, removeConfigurations, retire } from "./adapters";
import { superseded } from "./logic";

const environment = readEnvironment("prune-versions", process.env);
const telemetry = createTelemetry("prune-versions", environment);
const options = clientOptions({ timeoutMs: 10_000, maxAttempts: 8 });
const client = new S3Client(options);
const sagemaker = new SageMakerClient(options);

export interface PruneInput {
  readonly model: string;
  /** Name of the model package group. */
  readonly versions: string;
  /** Start of the names of the model's SageMaker models and endpoint configurations. */
  readonly prefix: string;
  /** Name of the endpoint configuration that serves now; a run makes its own, and none is used again. */
  readonly configuration: string;
  /** The version that serves now. */
  readonly serving: string;
  readonly keep: number;
}

/** Retires a model's old versions as a whole: model, package, and all that their runs left; and configurations of earlier runs. */
export async function handler(input: PruneInput): Promise<{ retired: string[] }> {
  const { model, versions, prefix, configuration, serving, keep } = input;
  const objects = objectStore(client, entryOf(environment, "MODEL_BUCKETS", model));
  const [registered, folders, configurations] = await Promise.all([
    registeredVersions(sagemaker, versions),
    objects.folders(RUNS),
    configurationsOf(sagemaker, prefix),
  ]);
  const old = superseded(registered, folders, serving, keep);
  await removeConfigurations(
    sagemaker,
    configurations.filter((name) => name !== configuration),
  );
  for (const { arn, version } of old.versions) await retire(sagemaker, `${prefix}-${version}`, arn);
  // By what lies under `runs/` a run is found again, so that goes last.
  for (const folder of old.folders) for (const prefix of [ROWS, RUNS]) await objects.removeAll(`${prefix}${folder}/`);
  const retired = old.versions.map(({ version }) => version);
  telemetry.info("pruned", { model, retired, folders: old.folders.length });
  return { retired };
}
