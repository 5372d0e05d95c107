import type { Hex } from "viem";
import { type ChainRecord, commitmentOf, type Recordable, recordOf, secondOf } from "./records";

/** An entry of the audit log that is not as the chain has it, or a record that no entry tells of. */
export interface Difference {
  /** Sequence of the entry in the operator's audit log. */
  readonly entry?: number;
  readonly auditHash: Hex;
  readonly wrong: "is not on the chain" | "is another one on the chain" | "is not in the audit log";
}

export interface Comparison {
  /** Decisions that the chain has as the log has them. */
  readonly same: number;
  /** Those of them that are under no pseudonym of this salt: nobody can tell from the chain whose they are. */
  readonly forgotten: number;
  readonly differences: readonly Difference[];
}

/**
 * Compares an operator's decisions, as its audit log has them, with the records that the chain tells of. They are found by
 * the hash of the log's entry, which needs no salt.
 */
export function compare(
  decisions: readonly Recordable[],
  records: readonly ChainRecord[],
  salt: Uint8Array | undefined,
): Comparison {
  const byHash = new Map<Hex, ChainRecord[]>();
  for (const record of records) byHash.set(record.auditHash, [...(byHash.get(record.auditHash) ?? []), record]);
  const differences: Difference[] = [];
  let [same, forgotten] = [0, 0];
  for (const decision of decisions) {
    const auditHash: Hex = `0x${decision.audit.hash}`;
    const found = byHash.get(auditHash) ?? [];
    byHash.delete(auditHash);
    const entry = decision.audit.sequence;
    if (found.length === 0) differences.push({ entry, auditHash, wrong: "is not on the chain" });
    else if (!found.every((record) => isOf(record, decision))) {
      differences.push({ entry, auditHash, wrong: "is another one on the chain" });
    } else {
      same += 1;
      const own = salt && commitmentOf(recordOf(salt, decision));
      if (!found.some((record) => commitmentOf(record) === own)) forgotten += 1;
    }
  }
  for (const auditHash of byHash.keys()) differences.push({ auditHash, wrong: "is not in the audit log" });
  return { same, forgotten, differences };
}

/** Tells whether a record says of a decision what anybody can read. */
const isOf = (record: ChainRecord, { at, level, sequence }: Recordable): boolean =>
  record.level === level && record.sequence === BigInt(sequence) && record.time === secondOf(at);
