import { setTimeout as pause } from "node:timers/promises";
import { BatchGetItemCommand, type DynamoDBClient, type KeysAndAttributes } from "@aws-sdk/client-dynamodb";
import { CallFailure, toFailure } from "../util/failure";
import type { Item } from "./items";

/** The most that DynamoDB takes in one call. */
const KEYS_OF_READ = 100;
/** Calls for a batch of which DynamoDB leaves something undone; the caller's signal ends them sooner. */
const TRIES = 5;

/** Hands batches over side by side; `hand` answers what of one was left undone. Throws a `CallFailure`. */
export async function inBatches<T>(
  items: readonly T[],
  size: number,
  hand: (batch: T[]) => Promise<T[]>,
): Promise<void> {
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

/** Reads the items of these keys that there are; each read sees every write that came before. Throws a `CallFailure`. */
export async function readItems(
  client: DynamoDBClient,
  table: string,
  keys: readonly Item[],
  signal: AbortSignal,
  projection: Pick<KeysAndAttributes, "ProjectionExpression" | "ExpressionAttributeNames"> = {},
): Promise<readonly Item[]> {
  const found: Item[] = [];
  await inBatches(keys, KEYS_OF_READ, async (Keys) => {
    const RequestItems = { [table]: { Keys, ConsistentRead: true, ...projection } };
    const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand({ RequestItems }), {
      abortSignal: signal,
    });
    found.push(...(Responses?.[table] ?? []));
    return UnprocessedKeys?.[table]?.Keys ?? [];
  });
  return found;
}
