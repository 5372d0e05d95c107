import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from "@aws-sdk/client-dynamodb";
import { inBatches, readItems } from "../aws/batches";
import { type Item, N, numberOf, S, textOf } from "../aws/items";
import type { HistoryPorts } from "./history";

/** The most that DynamoDB takes in one call. */
const ITEMS_OF_WRITE = 25;

/** The table of assessments, read and written in batches side by side; whatever is left undone in the end is a failure. */
export function assessmentTable(client: DynamoDBClient, table: string): Pick<HistoryPorts, "read" | "write"> {
  return {
    read: async (keys, signal) => {
      const items = await readItems(client, table, keys.map(itemKey), signal);
      return new Map(items.map((item) => [textOf(item, "player"), numberOf(item, "expiresAt")]));
    },
    write: async (keys, until, signal) => {
      const puts = keys.map((key): WriteRequest => {
        return { PutRequest: { Item: { ...itemKey(key), expiresAt: N(until) } } };
      });
      await inBatches(puts, ITEMS_OF_WRITE, async (requests) => {
        const command = new BatchWriteItemCommand({ RequestItems: { [table]: requests } });
        const { UnprocessedItems } = await client.send(command, { abortSignal: signal });
        return UnprocessedItems?.[table] ?? [];
      });
    },
  };
}

const itemKey = (player: string): Item => ({ player: S(player) });
