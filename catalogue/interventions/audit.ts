import { createHash, randomBytes } from "node:crypto";

/** An entry of an operator's audit log. Each names the hash of the one before, so that none can be changed unseen. */
export interface AuditEntry {
  readonly operatorId: string;
  /** From 1, without gaps. */
  readonly sequence: number;
  /** Hash of the entry before; of the first, `GENESIS`. */
  readonly previous: string;
  /**
   * Drawn for the entry, 32 hexadecimal digits. Details can be guessed, such as that a player excluded themselves; with
   * it the hash, which a chain publishes, tells nothing of them.
   */
  readonly nonce: string;
  /** SHA-256 of all the rest as canonical JSON, 64 hexadecimal digits. */
  readonly hash: string;
  /** Detail type of the event. */
  readonly name: string;
  /** Its detail, without what the audit log adds. */
  readonly detail: unknown;
}

/** The end of a log: what its next entry follows. */
export type Head = Pick<AuditEntry, "sequence" | "hash">;

/** A head as it was kept elsewhere. */
export interface KeptHead extends Head {
  /** When it was the head, RFC 3339. */
  readonly at: string;
}

/** What the first entry follows. */
export const GENESIS: Head = { sequence: 0, hash: "0".repeat(64) };

/**
 * Writes JSON in the one way that RFC 8785 allows: keys in the order of their UTF-16 code units, no spaces, numbers and
 * texts as ECMAScript writes them. What is `undefined` is left out.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(",")}}`;
}

const NONCE_BYTES = 16;
const nonceOf = (): string => randomBytes(NONCE_BYTES).toString("hex");

const hashOf = (entry: Omit<AuditEntry, "hash">): string =>
  createHash("sha256").update(canonicalJson(entry)).digest("hex");

/** Makes the entry that follows a head, with a nonce of its own: whoever makes it anew gets another hash. */
export function follow(
  head: Head,
  operatorId: string,
  { name, detail }: Pick<AuditEntry, "name" | "detail">,
): AuditEntry {
  const entry = { operatorId, sequence: head.sequence + 1, previous: head.hash, nonce: nonceOf(), name, detail };
  return { ...entry, hash: hashOf(entry) };
}

/** The first link of a log that does not hold. */
export interface BrokenLink {
  readonly sequence: number;
  /** What is wrong with it. */
  readonly why: string;
}

/**
 * Recomputes an operator's log, entry by entry in their order, and compares its end with the head that was kept apart:
 * who cuts entries off the end leaves a whole chain. Heads of former days tell when a whole chain was written anew, with
 * its head. Tells the first broken link, and nothing where all hold.
 */
export async function verify(
  operatorId: string,
  entries: AsyncIterable<AuditEntry> | Iterable<AuditEntry>,
  kept: Head,
  former: readonly KeptHead[] = [],
): Promise<{ readonly broken?: BrokenLink }> {
  let head = GENESIS;
  const wanted = new Set(former.map(({ sequence }) => sequence));
  const found = new Map<number, string>();
  for await (const { hash, ...entry } of entries) {
    const sequence = head.sequence + 1;
    const broken = (why: string) => ({ broken: { sequence, why } });
    if (entry.sequence !== sequence) return broken(`is missing; the next that is there is ${entry.sequence}`);
    if (entry.operatorId !== operatorId) return broken(`is of the operator ${entry.operatorId}`);
    if (entry.previous !== head.hash) return broken(`does not follow the hash of entry ${head.sequence}`);
    if (hashOf(entry) !== hash) return broken("has another hash than its content");
    head = { sequence, hash };
    if (wanted.has(sequence)) found.set(sequence, hash);
  }
  if (kept.sequence > head.sequence) {
    return { broken: { sequence: head.sequence + 1, why: `is missing; the log's head is entry ${kept.sequence}` } };
  }
  if (kept.sequence !== head.sequence || kept.hash !== head.hash) {
    return { broken: { sequence: kept.sequence, why: "is the log's head, with another hash or entries after it" } };
  }
  const lost = former
    .filter(({ sequence, hash }) => found.get(sequence) !== hash)
    .toSorted((one, other) => one.sequence - other.sequence)[0];
  if (lost === undefined) return {};
  const { sequence, at } = lost;
  const why = found.has(sequence) ? "is another than the head that was anchored" : "is missing; it was the head";
  return { broken: { sequence, why: `${why} at ${at}, so the log was written anew or cut` } };
}
