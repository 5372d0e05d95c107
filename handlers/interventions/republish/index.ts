import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { eventPutter } from "../../lib/aws/event-bus";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("republish", process.env);
const telemetry = createTelemetry("republish", environment);
const client = new EventBridgeClient(clientOptions({ timeoutMs: 5_000, maxAttempts: 1 }));

export const handler = createHandler({
  telemetry,
  putEvents: eventPutter(client, environment.EVENT_BUS, ({ kind, message }) =>
    telemetry.warn("the bus did not take events", { kind, reason: message }),
  ),
});
