import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { operatorRules } from "../../lib/interventions/rules";
import { createPlayerStore } from "../../lib/interventions/store";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("intervene", process.env);

export const handler = createHandler({
  telemetry: createTelemetry("intervene", environment),
  players: createPlayerStore({
    client: new DynamoDBClient(clientOptions({ timeoutMs: 5_000, maxAttempts: 3 })),
    table: environment.PLAYER_TABLE,
    rulesOf: operatorRules(environment.OPERATOR_RULES),
    now: Date.now,
  }),
});
