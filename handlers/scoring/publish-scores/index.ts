import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { eventPutter } from "../../lib/aws/event-bus";
import { bucketsOf } from "../../lib/aws/objects";
import { assessmentTable } from "../../lib/predictions/assessment-table";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("publish-scores", process.env);
const telemetry = createTelemetry("publish-scores", environment);
const options = clientOptions({ timeoutMs: 30_000, maxAttempts: 5 });

export const handler = createHandler({
  environment,
  telemetry,
  buckets: bucketsOf(new S3Client(options)),
  assessments: assessmentTable(new DynamoDBClient(options), environment.ASSESSMENT_TABLE),
  put: eventPutter(new EventBridgeClient(options), environment.EVENT_BUS, ({ kind, message }) =>
    telemetry.warn("the bus did not take events", { kind, reason: message }),
  ),
  now: Date.now,
});
