import {
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { type AuditEntry, canonicalJson, follow, GENESIS, type Head } from "../../../catalogue/interventions/audit";
import type { PlayerKey } from "../../../catalogue/interventions/evidence";
import { batchGet } from "../aws/batch-get";
import { type Item, N, names, numberOf, S, spread, textOf } from "../aws/items";
import { changeKey, toChange } from "./items";
import type { Change } from "./player-store";
import { isLostRace } from "./table";

/** Entries of one transaction: two writes each and one of the head are 51 of its 100; 25 large events are 2 of its 4 MB. */
const BLOCK = 25;
const TRIES = 12;
const LONGEST_PAUSE = 4;
/** Sequence of the item that holds an operator's head. */
const HEAD = 0;

/** Names a change in the table of players. */
export interface ChangeRef extends PlayerKey {
  /** Ten digits. */
  readonly sequence: string;
}

/** A change that is on record. */
export type Audited = Change & { readonly audit: NonNullable<Change["audit"]> };

export interface AuditLogDeps {
  readonly client: DynamoDBClient;
  readonly playerTable: string;
  readonly auditTable: string;
  readonly pause?: (attempt: number) => Promise<void>;
}

export type AuditLog = ReturnType<typeof createAuditLog>;

const entryKey = (operatorId: string, sequence: number): Item => ({ operator: S(operatorId), sequence: N(sequence) });

/** Reads the heads of operators' audit logs. */
export const auditHead =
  (client: DynamoDBClient, auditTable: string) =>
  async (operatorId: string): Promise<Head> => {
    const Key = entryKey(operatorId, HEAD);
    const { Item } = await client.send(new GetItemCommand({ TableName: auditTable, Key, ConsistentRead: true }));
    return Item ? { sequence: numberOf(Item, "last"), hash: textOf(Item, "hash") } : GENESIS;
  };

/** The operators' audit logs. */
export function createAuditLog({ client, playerTable, auditTable, pause = spread }: AuditLogDeps) {
  const head = auditHead(client, auditTable);

  /** Reads changes as they are now; those that there are no more are left out. */
  async function read(refs: readonly ChangeRef[]): Promise<ReadonlyMap<ChangeRef, Change>> {
    const keyText = (key: Item) => `${textOf(key, "player")} ${textOf(key, "item")}`;
    const keys = refs.map((ref) => changeKey(ref, ref.sequence));
    const items = await batchGet(client, playerTable, keys, { pause });
    const found = new Map(items.map((item) => [keyText(item), item]));
    return new Map(
      refs.flatMap((ref) => {
        const item = found.get(keyText(changeKey(ref, ref.sequence)));
        return item ? [[ref, toChange(item)] as const] : [];
      }),
    );
  }

  /** Appends a block at the head that was read; `false` when somebody else appended, to the log or one of these. */
  async function appendBlock(operatorId: string, at: Head, block: readonly (readonly [ChangeRef, Change])[]) {
    const writes: TransactWriteItem[] = [];
    let last = at;
    for (const [ref, { name, detail }] of block) {
      const entry = follow(last, operatorId, { name, detail });
      last = entry;
      writes.push(
        {
          Put: {
            TableName: auditTable,
            Item: {
              ...entryKey(operatorId, entry.sequence),
              previous: S(entry.previous),
              nonce: S(entry.nonce),
              hash: S(entry.hash),
              name: S(name),
              detail: S(canonicalJson(detail)),
            },
            ConditionExpression: "attribute_not_exists(#operator)",
            ExpressionAttributeNames: names("operator"),
          },
        },
        {
          Update: {
            TableName: playerTable,
            Key: changeKey(ref, ref.sequence),
            UpdateExpression: "SET #audit = :audit",
            ConditionExpression: "attribute_exists(#player) AND attribute_not_exists(#audit)",
            ExpressionAttributeNames: names("player", "audit"),
            ExpressionAttributeValues: { ":audit": { M: { sequence: N(entry.sequence), hash: S(entry.hash) } } },
          },
        },
      );
    }
    writes.push({
      Put: {
        TableName: auditTable,
        Item: { ...entryKey(operatorId, HEAD), last: N(last.sequence), hash: S(last.hash) },
        ...(at.sequence === 0
          ? { ConditionExpression: "attribute_not_exists(#operator)", ExpressionAttributeNames: names("operator") }
          : {
              ConditionExpression: "#hash = :hash",
              ExpressionAttributeNames: names("hash"),
              ExpressionAttributeValues: { ":hash": S(at.hash) },
            }),
      },
    });
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: writes }));
      return true;
    } catch (error) {
      if (isLostRace(error)) return false;
      throw error;
    }
  }

  return {
    head,

    /**
     * Appends changes of one operator that its log does not have yet, and returns all of them with their entries. A
     * change is marked in the transaction that appends it, so it is in the log once, whoever tries how often.
     */
    async append(operatorId: string, refs: readonly ChangeRef[]): Promise<ReadonlyMap<ChangeRef, Audited>> {
      for (let attempt = 0; attempt < TRIES; ) {
        const changes = await read(refs);
        const missing = [...changes].filter(([, { audit }]) => audit === undefined);
        if (missing.length === 0) return changes as ReadonlyMap<ChangeRef, Audited>;
        if (attempt > 0) await pause(Math.min(attempt, LONGEST_PAUSE));
        const appended = await appendBlock(operatorId, await head(operatorId), missing.slice(0, BLOCK));
        attempt = appended ? 0 : attempt + 1;
      }
      throw new Error(`the audit log of ${operatorId} lost every race`);
    },

    /** Reads an operator's log in its order, page by page, up to an entry. */
    async *entries(operatorId: string, until = Number.MAX_SAFE_INTEGER): AsyncGenerator<AuditEntry> {
      for (let last: Item | undefined; ; ) {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName: auditTable,
            KeyConditionExpression: "#operator = :operator AND #sequence BETWEEN :first AND :last",
            ExpressionAttributeNames: names("operator", "sequence"),
            ExpressionAttributeValues: { ":operator": S(operatorId), ":first": N(HEAD + 1), ":last": N(until) },
            ConsistentRead: true,
            ...(last && { ExclusiveStartKey: last }),
          }),
        );
        for (const item of Items) {
          yield {
            operatorId: textOf(item, "operator"),
            sequence: numberOf(item, "sequence"),
            previous: textOf(item, "previous"),
            nonce: textOf(item, "nonce"),
            hash: textOf(item, "hash"),
            name: textOf(item, "name"),
            detail: JSON.parse(textOf(item, "detail")),
          };
        }
        if (LastEvaluatedKey === undefined) return;
        last = LastEvaluatedKey;
      }
    },
  };
}
