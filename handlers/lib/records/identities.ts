/**
 * Who and when each usable record of a group is about, and what it is good for, so that `count-labels` finds those that
 * came more than once, and counts the records of a player. An identity has 24 bytes: 10 of the player's hash, 6 of the
 * instant in milliseconds since 1970, 4 of when the record's object was written, in seconds since 1970, and 4 of its use
 * (two bits) and its place in the group, from 0 on. A file holds those of a group in slices by the first six bits of the
 * hash, so that a part of all groups can be compared at a time, with all records of a player in it.
 */
export const IDENTITY_BYTES = 24;
/** Makes what tells a record from others: the hash and the instant. */
export const SAME_BYTES = 16;
export const SLICES = 64;

const HASH_BYTES = 10;
const FIRST_BYTES = 16 * IDENTITY_BYTES;

/** Uses of a record, in the order of their numbers in an identity. */
const USES = ["unlabelled", "labelled", "to-train-on", "none"] as const;
/**
 * What a record is good for: to be labelled; to train on or test with; only to train on, because people were asked about
 * it for its score; or nothing.
 */
export type Use = (typeof USES)[number];

const PLACE_BITS = 30;
const PLACES = 2 ** PLACE_BITS;

/** Makes a record's identity of its player's SHA-256 hash, in its first bytes: for each record one buffer is enough. */
export function identityOf(hash: Buffer, asOf: string): Buffer {
  hash.writeUIntBE(Date.parse(asOf), HASH_BYTES, SAME_BYTES - HASH_BYTES);
  return hash;
}

/** Reads the instant of an identity, in milliseconds since 1970. */
export const instantOf = (identity: Buffer): number => identity.readUIntBE(HASH_BYTES, SAME_BYTES - HASH_BYTES);

/** Makes the check of a place in a group, by which it is known when it is read again: four bytes of the hash. */
export const checkOf = (identity: Buffer): number => identity.readUInt32BE(0);

/** Joins a use and a place to the last four bytes of an identity. */
const joined = (use: Use, place: number): number => USES.indexOf(use) * PLACES + place;

/** Parts the last four bytes of an identity. */
export const placeOf = (word: number): number => word % PLACES;
export const useOf = (word: number): Use => USES[Math.floor(word / PLACES)] as Use;

/** Collects the identities of a group. */
export class IdentityCollector {
  private readonly slices = Array.from({ length: SLICES }, () => ({ bytes: Buffer.alloc(0), length: 0 }));

  add(identity: Buffer, modified: number, place: number, use: Use): void {
    const slice = this.slices[(identity[0] as number) >> 2] as { bytes: Buffer; length: number };
    if (slice.length === slice.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, slice.bytes.length * 2));
      slice.bytes.copy(larger);
      slice.bytes = larger;
    }
    identity.copy(slice.bytes, slice.length, 0, SAME_BYTES);
    slice.bytes.writeUInt32BE(modified, slice.length + SAME_BYTES);
    slice.bytes.writeUInt32BE(joined(use, place), slice.length + SAME_BYTES + 4);
    slice.length += IDENTITY_BYTES;
  }

  /** Identities in each slice. */
  get counts(): readonly number[] {
    return this.slices.map(({ length }) => length / IDENTITY_BYTES);
  }

  body(): Buffer {
    return Buffer.concat(this.slices.map(({ bytes, length }) => bytes.subarray(0, length)));
  }
}
