import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { eventPutter } from "../../lib/aws/event-bus";
import { createAuditLog } from "../../lib/interventions/audit-log";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("publish-decisions", process.env);
const telemetry = createTelemetry("publish-decisions", environment);
const bus = new EventBridgeClient(clientOptions({ timeoutMs: 5_000, maxAttempts: 1 }));

export const handler = createHandler({
  telemetry,
  audit: createAuditLog({
    client: new DynamoDBClient(clientOptions({ timeoutMs: 5_000, maxAttempts: 3 })),
    playerTable: environment.PLAYER_TABLE,
    auditTable: environment.AUDIT_TABLE,
  }),
  putEvents: eventPutter(bus, environment.EVENT_BUS, ({ kind, message }) =>
    telemetry.warn("the bus did not take events", { kind, reason: message }),
  ),
});
