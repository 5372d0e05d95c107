import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { type Circuit, CLOSED } from "./circuit";

/** The answer to who wants to send a message: it may, or it was delivered, or somebody else sends it until then. */
export type Claim = { readonly kind: "mine" | "delivered" } | { readonly kind: "held"; readonly untilMs: number };

/** A circuit as it was read; a write of what follows it fails when somebody else wrote meanwhile. */
export interface Versioned {
  readonly circuit: Circuit;
  readonly version: number;
}

/** Days for which a delivered message is known: longer than queues and dead-letter queues may keep it. */
const MARK_DAYS = 30;

/**
 * Opens the table of deliveries: under a delivery's key how it fared lately, and under `<key>#<event>` who sends an event
 * or that it was delivered.
 */
export function createDeliveryStore(client: DynamoDBClient, TableName: string) {
  const update = async (input: Omit<UpdateItemCommandInput, "TableName">) => {
    try {
      await client.send(new UpdateItemCommand({ TableName, ReturnValuesOnConditionCheckFailure: "ALL_OLD", ...input }));
      return undefined;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return error.Item ?? {};
      throw error;
    }
  };
  return {
    async circuit(delivery: string): Promise<Versioned> {
      const { Item = {} } = await client.send(
        new GetItemCommand({ TableName, Key: { item: S(delivery) }, ConsistentRead: true }),
      );
      const { failures, openings, openUntil, trial, version } = Item;
      const circuit = {
        failures: Number(failures?.N ?? 0),
        openings: Number(openings?.N ?? 0),
        ...(openUntil?.N !== undefined && { openUntil: Number(openUntil.N) }),
        ...(trial?.BOOL && { trial: true as const }),
      };
      return { circuit: version === undefined ? CLOSED : circuit, version: Number(version?.N ?? 0) };
    },

    /** Writes the circuit that follows the one read; `undefined` when another one did first. */
    async follow(delivery: string, { version }: Versioned, next: Circuit): Promise<Versioned | undefined> {
      const { failures, openings, openUntil, trial = false } = next;
      const lost = await update({
        Key: { item: S(delivery) },
        ConditionExpression: "attribute_not_exists(version) OR version = :seen",
        UpdateExpression: `SET failures = :failures, openings = :openings, trial = :trial, version = :next${
          openUntil === undefined ? " REMOVE openUntil" : ", openUntil = :until"
        }`,
        ExpressionAttributeValues: {
          ":failures": N(failures),
          ":openings": N(openings),
          ":trial": { BOOL: trial },
          ":seen": N(version),
          ":next": N(version + 1),
          ...(openUntil !== undefined && { ":until": N(openUntil) }),
        },
      });
      return lost ? undefined : { circuit: next, version: version + 1 };
    },

    /** Claims an event for a message of the queue, which may claim it again; another one may once the claim is over. */
    async claim(delivery: string, event: string, message: string, nowMs: number, untilMs: number): Promise<Claim> {
      const held = await update({
        Key: { item: S(markOf(delivery, event)) },
        ConditionExpression:
          "attribute_not_exists(deliveredAt) AND (attribute_not_exists(message) OR message = :message OR heldUntil < :now)",
        UpdateExpression: "SET message = :message, heldUntil = :until, expiresAt = :expires",
        ExpressionAttributeValues: {
          ":message": S(message),
          ":now": N(nowMs),
          ":until": N(untilMs),
          ":expires": N(expiry(nowMs)),
        },
      });
      if (held === undefined) return { kind: "mine" };
      return held.deliveredAt ? { kind: "delivered" } : { kind: "held", untilMs: Number(held.heldUntil?.N ?? nowMs) };
    },

    /** Remembers that the operator has an event. */
    async delivered(delivery: string, event: string, nowMs: number): Promise<void> {
      await update({
        Key: { item: S(markOf(delivery, event)) },
        UpdateExpression: "SET deliveredAt = :now, expiresAt = :expires",
        ExpressionAttributeValues: { ":now": N(nowMs), ":expires": N(expiry(nowMs)) },
      });
    },
  };
}

export type DeliveryStore = ReturnType<typeof createDeliveryStore>;

const S = (value: string) => ({ S: value });
const N = (value: number) => ({ N: String(value) });
const markOf = (delivery: string, event: string) => `${delivery}#${event}`;
const expiry = (nowMs: number) => Math.floor(nowMs / 1000) + MARK_DAYS * 86_400;
