import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { bucketsOf } from "../../lib/aws/objects";
import { parameterReader } from "../../lib/aws/parameter";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("plan-scoring", process.env);
const options = clientOptions({ timeoutMs: 30_000, maxAttempts: 5 });

export const handler = createHandler({
  environment,
  telemetry: createTelemetry("plan-scoring", environment),
  buckets: bucketsOf(new S3Client(options)),
  parameter: parameterReader(new SSMClient(options)),
});
