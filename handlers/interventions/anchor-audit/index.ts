import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { putOnce } from "../../lib/aws/objects";
import { auditHead } from "../../lib/interventions/audit-log";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("anchor-audit", process.env);
const options = clientOptions({ timeoutMs: 5_000, maxAttempts: 5 });

export const handler = createHandler({
  telemetry: createTelemetry("anchor-audit", environment),
  head: auditHead(new DynamoDBClient(options), environment.AUDIT_TABLE),
  putOnce: putOnce(new S3Client(options), environment.AUDIT_BUCKET),
  operators: environment.OPERATORS,
  now: () => new Date(),
});
