import { BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type Item, names, spread } from "./items";

/** The most keys that DynamoDB takes in one call. */
const KEYS = 100;
/** Tries of a batch of which DynamoDB processes nothing. */
const TRIES = 5;

interface BatchGetOptions {
  /** Attributes that are wanted; all without it. */
  readonly attributes?: readonly string[];
  /** Waits before a try that follows one of which something was left. */
  readonly pause?: (attempt: number) => Promise<void>;
}

/**
 * Reads items of a table by their keys, of which none may be there twice; it sees every write that came before. Items
 * that there are not are left out. The order is DynamoDB's.
 */
export async function batchGet(
  client: DynamoDBClient,
  table: string,
  keys: readonly Item[],
  { attributes, pause = spread }: BatchGetOptions = {},
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let left = [...keys];
  for (let failed = 0; left.length > 0; ) {
    const batch = left.slice(0, KEYS);
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({
        RequestItems: {
          [table]: {
            Keys: batch,
            ConsistentRead: true,
            ...(attributes && {
              ProjectionExpression: attributes.map((attribute) => `#${attribute}`).join(", "),
              ExpressionAttributeNames: names(...attributes),
            }),
          },
        },
      }),
    );
    items.push(...(Responses?.[table] ?? []));
    const again = UnprocessedKeys?.[table]?.Keys ?? [];
    left = [...again, ...left.slice(KEYS)];
    failed = again.length === batch.length ? failed + 1 : 0;
    if (failed === TRIES) throw new Error("DynamoDB processes no keys of a batch");
    if (again.length > 0) await pause(failed);
  }
  return items;
}
