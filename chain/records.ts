import { createHmac } from "node:crypto";
import type { Hex } from "viem";
import { encodeAbiParameters, getAbiItem, keccak256, stringToBytes } from "viem/utils";
import { canonicalJson } from "../catalogue/interventions/audit";
import type { EventDetail } from "../contracts/events";
import { REGISTRY_ABI } from "./registry";

/** An intervention as the contract takes it; its comments say what each field is. */
export interface ChainRecord {
  readonly id: Hex;
  readonly pseudonym: Hex;
  readonly restrictions: Hex;
  readonly auditHash: Hex;
  readonly sequence: bigint;
  /** Seconds since 1970. */
  readonly time: bigint;
  readonly level: number;
}

/** What a record tells of an event. */
export type Recordable = Pick<
  EventDetail<"InterventionDecided">,
  "id" | "at" | "operatorId" | "playerId" | "sequence" | "level" | "restrictions" | "audit"
>;

/** The fewest bytes of a salt: no shorter one keeps a secret that HMAC-SHA256 would (RFC 2104, section 3). */
const LEAST_SALT = 32;

/**
 * Makes the record of an event. Whoever lacks the salt learns from it neither player, nor event, nor restrictions, not
 * even by trying them all; once it is destroyed, nobody does. Throws for a salt that is too short.
 */
export function recordOf(salt: Uint8Array, event: Recordable): ChainRecord {
  if (salt.length < LEAST_SALT) throw new Error(`The salt has ${salt.length} bytes; it must have ${LEAST_SALT}`);
  const { operatorId } = event;
  const keyed = (...about: readonly unknown[]): Hex =>
    `0x${createHmac("sha256", salt)
      .update(JSON.stringify([operatorId, ...about]))
      .digest("hex")}`;
  return {
    id: keyed("event", event.id),
    pseudonym: keyed("player", event.playerId),
    // With the id, because many players have the same restrictions.
    restrictions: keyed("restrictions", event.id, canonicalJson(event.restrictions)),
    auditHash: `0x${event.audit.hash}`,
    sequence: BigInt(event.sequence),
    time: secondOf(event.at),
    level: event.level,
  };
}

/** Gives the second of an instant, counted from 1970, as the contract has it. */
export const secondOf = (at: string): bigint => BigInt(Math.floor(Date.parse(at) / 1000));

/** Names an operator on the chain. */
export const operatorKey = (operatorId: string): Hex => keccak256(stringToBytes(operatorId));

const { inputs } = getAbiItem({ abi: REGISTRY_ABI, name: "commitmentOf" });

/** Hashes a record as the contract's `commitmentOf` does. */
export const commitmentOf = (record: ChainRecord): Hex => keccak256(encodeAbiParameters(inputs, [record]));
