import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { bucketsOf } from "../../lib/aws/objects";
import { createTelemetry } from "../../lib/util/telemetry";
import { versionRegistry } from "./adapters";
import { createHandler } from "./handler";

const environment = readEnvironment("prune-versions", process.env);
const telemetry = createTelemetry("prune-versions", environment);
const options = clientOptions({ timeoutMs: 10_000, maxAttempts: 8 });

export const handler = createHandler({
  environment,
  telemetry,
  buckets: bucketsOf(new S3Client(options)),
  registry: versionRegistry(new SageMakerClient(options)),
});
