import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  paginateQuery,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Hex } from "viem";
import { bytesToHex, hexToBytes } from "viem/utils";

/** A transaction that was signed, and may have been sent. */
export interface Transaction {
  readonly nonce: number;
  /** The transaction as it is sent, with its signature. */
  readonly raw: Hex;
  /** Milliseconds since 1970. */
  readonly signedAt: number;
}

/** Somebody else has written this nonce's transaction meanwhile. */
export class Overtaken extends Error {
  override readonly name = "Overtaken";
}

/** The transactions of one signer on one chain that are not final yet, and whose turn it is to send. */
export interface SignerStore {
  /** Takes the turn; `undefined` while it is somebody else's, or nobody's because the chain failed. */
  readonly take: (holder: string, nowMs: number, untilMs: number) => Promise<{ readonly failures: number } | undefined>;
  /** Ends the turn; before `untilMs` nobody else's begins. */
  readonly end: (holder: string, untilMs: number, failures: number) => Promise<void>;
  /** Lists transactions by their nonces. */
  readonly transactions: () => Promise<readonly Transaction[]>;
  /** Keeps the first transaction of a nonce. Throws `Overtaken` when there is one. */
  readonly add: (transaction: Transaction) => Promise<void>;
  /** Keeps one in another's place. Throws `Overtaken` when that is not there any more. */
  readonly replace: (before: Transaction, transaction: Transaction) => Promise<void>;
  readonly forget: (nonce: number) => Promise<void>;
}

const TURN = "turn";
const TRANSACTION = "transaction#";

const S = (value: string) => ({ S: value });
const N = (value: number) => ({ N: String(value) });
const B = (value: Hex) => ({ B: hexToBytes(value) });

/** Opens the items of a signer in the table of chain transactions. */
export function signerStore(client: DynamoDBClient, TableName: string, signer: string): SignerStore {
  const keyOf = (item: string) => ({ signer: S(signer), item: S(item) });
  // By their place in the list that they are read in.
  const nonceKey = (nonce: number) => keyOf(`${TRANSACTION}${String(nonce).padStart(12, "0")}`);

  const put = async (
    { nonce, raw, signedAt }: Transaction,
    ConditionExpression: string,
    condition: Pick<PutItemCommandInput, "ExpressionAttributeNames" | "ExpressionAttributeValues"> = {},
  ) => {
    const Item = { ...nonceKey(nonce), nonce: N(nonce), raw: B(raw), signedAt: N(signedAt) };
    try {
      await client.send(new PutItemCommand({ TableName, Item, ConditionExpression, ...condition }));
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) throw new Overtaken(`nonce ${nonce}`);
      throw error;
    }
  };

  return {
    async take(holder, nowMs, untilMs) {
      try {
        const { Attributes } = await client.send(
          new UpdateItemCommand({
            TableName,
            Key: keyOf(TURN),
            ConditionExpression: "attribute_not_exists(untilMs) OR untilMs <= :now",
            UpdateExpression: "SET holder = :holder, untilMs = :until",
            ExpressionAttributeValues: { ":holder": S(holder), ":now": N(nowMs), ":until": N(untilMs) },
            ReturnValues: "ALL_NEW",
          }),
        );
        return { failures: Number(Attributes?.failures?.N ?? 0) };
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined;
        throw error;
      }
    },

    async end(holder, untilMs, failures) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName,
            Key: keyOf(TURN),
            ConditionExpression: "holder = :holder",
            UpdateExpression: "SET untilMs = :until, failures = :failures",
            ExpressionAttributeValues: { ":holder": S(holder), ":until": N(untilMs), ":failures": N(failures) },
          }),
        );
      } catch (error) {
        // The turn was over, and another one's has begun.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },

    async transactions() {
      const found: Transaction[] = [];
      const query = {
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: "signer = :signer AND begins_with(#item, :transaction)",
        ExpressionAttributeNames: { "#item": "item" },
        ExpressionAttributeValues: { ":signer": S(signer), ":transaction": S(TRANSACTION) },
      };
      for await (const { Items = [] } of paginateQuery({ client }, query)) found.push(...Items.map(toTransaction));
      return found;
    },

    add: (transaction) => put(transaction, "attribute_not_exists(signer)"),

    replace: (before, transaction) =>
      put(transaction, "#raw = :before", {
        ExpressionAttributeNames: { "#raw": "raw" },
        ExpressionAttributeValues: { ":before": B(before.raw) },
      }),

    async forget(nonce) {
      await client.send(new DeleteItemCommand({ TableName, Key: nonceKey(nonce) }));
    },
  };
}

function toTransaction({ nonce, raw, signedAt }: Readonly<Record<string, AttributeValue>>): Transaction {
  if (!nonce?.N || !raw?.B || !signedAt?.N) throw new Error("An item of the chain table is no transaction");
  return { nonce: Number(nonce.N), raw: bytesToHex(raw.B), signedAt: Number(signedAt.N) };
}
