import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { eventPutter } from "../../lib/aws/event-bus";
import { bucketsOf } from "../../lib/aws/objects";
import { marketingTable } from "../../lib/interventions/marketing-table";
import { assessmentTable } from "../../lib/predictions/assessment-table";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("publish-scores", process.env);
const telemetry = createTelemetry("publish-scores", environment);
const options = clientOptions({ timeoutMs: 30_000, maxAttempts: 5 });

const dynamodb = new DynamoDBClient(options);

export const handler = createHandler({
  environment,
  telemetry,
  buckets: bucketsOf(new S3Client(options)),
  history: {
    ...assessmentTable(dynamodb, environment.ASSESSMENT_TABLE),
    standings: marketingTable(dynamodb, environment.PLAYER_TABLE),
  },
  put: eventPutter(new EventBridgeClient(options), environment.EVENT_BUS, ({ kind, message }) =>
    telemetry.warn("the bus did not take events", { kind, reason: message }),
  ),
  now: Date.now,
});
