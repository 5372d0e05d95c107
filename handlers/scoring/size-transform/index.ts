import { S3Client } from "@aws-sdk/client-s3";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { bucketsOf } from "../../lib/aws/objects";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("size-transform", process.env);

export const handler = createHandler({
  environment,
  telemetry: createTelemetry("size-transform", environment),
  buckets: bucketsOf(new S3Client(clientOptions({ timeoutMs: 60_000, maxAttempts: 10 }))),
});
