import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { executionResumer } from "../../lib/aws/execution";
import { bucketsOf } from "../../lib/aws/objects";
import { createLabelStore } from "../../lib/labelling/store";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("ask-labellers", process.env);
const options = clientOptions({ timeoutMs: 10_000, maxAttempts: 5 });

export const handler = createHandler({
  environment,
  telemetry: createTelemetry("ask-labellers", environment),
  buckets: bucketsOf(new S3Client(options)),
  labels: createLabelStore(new DynamoDBClient(options), environment.LABEL_TABLE),
  resume: executionResumer(new SFNClient(options)),
  now: Date.now,
});
