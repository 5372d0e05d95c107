import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { type Item, N, names, S } from "../aws/items";
import type { Page } from "./player-store";

/**
 * An item to be put in the place of the one with this version, which counts its writes; 0 is none. One without goes by
 * the versions of those that it is written with.
 */
export interface VersionedPut {
  readonly after?: number;
  readonly item: Item;
}

/** Items of a page of which some may be left out, and such pages of one call. */
const PAGE = 100;
const PAGES = 10;

/** Reads and writes items of the table of players. */
export function playerTable(client: DynamoDBClient, TableName: string) {
  const toPut = ({ after, item }: VersionedPut) => ({
    TableName,
    Item: item,
    ...(after === undefined
      ? {}
      : after === 0
        ? { ConditionExpression: "attribute_not_exists(#player)", ExpressionAttributeNames: names("player") }
        : {
            ConditionExpression: "#version = :version",
            ExpressionAttributeNames: names("version"),
            ExpressionAttributeValues: { ":version": N(after) },
          }),
  });

  return {
    /** Sees every write that came before. */
    get: async (Key: Item): Promise<Item | undefined> =>
      (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item,

    /** Writes all of them or none; `false` when something was written in between. */
    write: async (puts: readonly [VersionedPut, ...VersionedPut[]]): Promise<boolean> => {
      const [first, ...others] = puts;
      try {
        if (others.length === 0) await client.send(new PutItemCommand(toPut(first)));
        else {
          const TransactItems = puts.map((put): TransactWriteItem => ({ Put: toPut(put) }));
          await client.send(new TransactWriteItemsCommand({ TransactItems }));
        }
        return true;
      } catch (error) {
        if (isLostRace(error)) return false;
        throw error;
      }
    },

    /** Reads a page of a query, whose filter may leave items out. `placeOf` is where the next page goes on. */
    page: async <T>(
      query: Omit<QueryCommandInput, "TableName">,
      limit: number,
      read: (item: Item) => T,
      placeOf: (item: Item) => string,
    ): Promise<Page<T>> => {
      const items: T[] = [];
      let last: Item | undefined;
      for (let pages = 0; pages < PAGES; pages += 1) {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName,
            ...query,
            Limit: query.FilterExpression === undefined ? limit - items.length : PAGE,
            ...(last && { ExclusiveStartKey: last }),
          }),
        );
        const taken = Items.slice(0, limit - items.length);
        items.push(...taken.map(read));
        const lastTaken = taken.at(-1);
        if (items.length === limit && lastTaken) {
          const more = Items.length > taken.length || LastEvaluatedKey !== undefined;
          return { items, ...(more && { next: placeOf(lastTaken) }) };
        }
        last = LastEvaluatedKey;
        if (last === undefined) return { items };
      }
      return { items, ...(last && { next: placeOf(last) }) };
    },
  };
}

/** Makes the query of an operator's partition of an index, from after a place of its order. */
export const indexQuery = (
  index: { readonly name: string; readonly hash: string; readonly range: string },
  operatorId: string,
  after: string | undefined,
) => ({
  IndexName: index.name,
  KeyConditionExpression: `#${index.hash} = :operator${after === undefined ? "" : ` AND #${index.range} > :after`}`,
  ExpressionAttributeNames: names(index.hash, ...(after === undefined ? [] : [index.range])),
  // A key is never compared with an empty text, which DynamoDB refuses.
  ExpressionAttributeValues: { ":operator": S(operatorId), ...(after !== undefined && { ":after": S(after) }) },
});

/** Reasons of a cancelled transaction that say that another write came first, or is under way. */
const RACES = new Set(["ConditionalCheckFailed", "TransactionConflict"]);

/** Says whether a write failed because another came first, or is under way. */
export const isLostRace = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException ||
  error instanceof TransactionConflictException ||
  error instanceof TransactionInProgressException ||
  (error instanceof TransactionCanceledException &&
    (error.CancellationReasons ?? []).some(({ Code }) => RACES.has(Code ?? "")));
