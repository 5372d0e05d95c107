import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { readItems } from "../aws/batches";
import { names } from "../aws/items";
import type { HistoryPorts } from "../predictions/history";
import { marketingKey, toMarketing } from "./items";

/** Reads from the table of players what predictions for marketing are withheld by, and nothing else of it. */
export function marketingTable(client: DynamoDBClient, table: string): HistoryPorts["standings"] {
  const attributes = names("player", "stop", "consent");
  const projection = {
    ProjectionExpression: Object.keys(attributes).join(", "),
    ExpressionAttributeNames: attributes,
  };
  return async (players, signal) => {
    const items = await readItems(client, table, players.map(marketingKey), signal, projection);
    return items.map(toMarketing);
  };
}
