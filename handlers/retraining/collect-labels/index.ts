import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { bucketsOf } from "../../lib/aws/objects";
import { createLabelStore } from "../../lib/labelling/store";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("collect-labels", process.env);
const telemetry = createTelemetry("collect-labels", environment);
const options = clientOptions({ timeoutMs: 10_000, maxAttempts: 5 });
const labels = createLabelStore(new DynamoDBClient(options), environment.LABEL_TABLE);

export const handler = createHandler({ environment, telemetry, buckets: bucketsOf(new S3Client(options)), labels });
