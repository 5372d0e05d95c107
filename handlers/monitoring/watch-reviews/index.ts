import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { operatorRules } from "../../lib/interventions/rules";
import { createPlayerStore } from "../../lib/interventions/store";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("watch-reviews", process.env);
const store = createPlayerStore({
  client: new DynamoDBClient(clientOptions({ timeoutMs: 5_000, maxAttempts: 5 })),
  table: environment.PLAYER_TABLE,
  // It changes nothing, so nobody's rules are asked for.
  rulesOf: operatorRules(new Map()),
  now: Date.now,
});

export const handler = createHandler({
  telemetry: createTelemetry("watch-reviews", environment),
  store,
  operators: environment.OPERATORS,
  now: () => new Date(),
});
