import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { operatorRules } from "../../lib/interventions/rules";
import { createPlayerStore } from "../../lib/interventions/store";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("players", process.env);
const telemetry = createTelemetry("players", environment);
const store = createPlayerStore({
  client: new DynamoDBClient(clientOptions({ timeoutMs: 2_000, maxAttempts: 3 })),
  table: environment.PLAYER_TABLE,
  rulesOf: operatorRules(environment.OPERATOR_RULES),
  now: Date.now,
});

export const handler = createHandler({
  telemetry,
  store,
  clients: environment.CLIENT_OPERATORS,
  now: () => new Date(),
});
