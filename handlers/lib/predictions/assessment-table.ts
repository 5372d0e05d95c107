import { setTimeout as pause } from "node:timers/promises";
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { CallFailure, toFailure } from "../util/failure";
import type { HistoryPorts } from "./history";

/** The most that DynamoDB takes in one call. */
const KEYS_OF_READ = 100;
const ITEMS_OF_WRITE = 25;
/** Calls for a batch of which DynamoDB leaves something undone; the budget ends them sooner. */
const TRIES = 5;

/** The table of assessments, read and written in batches side by side; whatever is left undone in the end is a failure. */
export function assessmentTable(client: DynamoDBClient, table: string): Pick<HistoryPorts, "read" | "write"> {
  return {
    read: async (keys, signal) => {
      const found = new Map<string, number>();
      await inBatches(keys.map(itemKey), KEYS_OF_READ, async (Keys) => {
        const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } });
        const { Responses, UnprocessedKeys } = await client.send(command, { abortSignal: signal });
        for (const { player, expiresAt } of Responses?.[table] ?? []) {
          if (player?.S !== undefined) found.set(player.S, Number(expiresAt?.N));
        }
        return UnprocessedKeys?.[table]?.Keys ?? [];
      });
      return found;
    },
    write: async (keys, until, signal) => {
      const puts = keys.map((key): WriteRequest => {
        return { PutRequest: { Item: { ...itemKey(key), expiresAt: { N: String(until) } } } };
      });
      await inBatches(puts, ITEMS_OF_WRITE, async (requests) => {
        const command = new BatchWriteItemCommand({ RequestItems: { [table]: requests } });
        const { UnprocessedItems } = await client.send(command, { abortSignal: signal });
        return UnprocessedItems?.[table] ?? [];
      });
    },
  };
}

const itemKey = (player: string): Record<"player", AttributeValue> => ({ player: { S: player } });

/** Hands batches over side by side; `hand` answers what of one was left undone. */
async function inBatches<T>(items: readonly T[], size: number, hand: (batch: T[]) => Promise<T[]>): Promise<void> {
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => index * size);
  await Promise.all(
    starts.map(async (start) => {
      let left = items.slice(start, start + size);
      for (let tries = 0; left.length > 0; tries += 1) {
        if (tries === TRIES) throw new CallFailure("throttled", `${left.length} items were left undone`);
        if (tries > 0) await pause(Math.random() * 20 * 2 ** tries);
        left = await hand(left).catch((error: unknown) => {
          throw toFailure(error);
        });
      }
    }),
  );
}
