/**
 * Who and when each usable record of a group is about, so that `count-labels` finds those that came more than once. An
 * identity has 24 bytes: 10 of the player's hash, 6 of the instant in milliseconds since 1970, 4 of when the record's
 * object was written, in seconds since 1970, and 4 of its place in the group, from 0 on. A file holds those of a group
 * in slices by the first six bits of the hash, so that a part of all groups can be compared at a time.
 */
export const IDENTITY_BYTES = 24;
/** Makes what tells a record from others: the hash and the instant. */
export const SAME_BYTES = 16;
export const SLICES = 64;

const HASH_BYTES = 10;
const FIRST_BYTES = 16 * IDENTITY_BYTES;

/** Makes a record's identity of its player's SHA-256 hash, in its first bytes: for each record one buffer is enough. */
export function identityOf(hash: Buffer, asOf: string): Buffer {
  hash.writeUIntBE(Date.parse(asOf), HASH_BYTES, SAME_BYTES - HASH_BYTES);
  return hash;
}

/** Makes the check of a place in a group, by which it is known when it is read again: four bytes of the hash. */
export const checkOf = (identity: Buffer): number => identity.readUInt32BE(0);

/** Collects the identities of a group. */
export class IdentityCollector {
  private readonly slices = Array.from({ length: SLICES }, () => ({ bytes: Buffer.alloc(0), length: 0 }));

  add(identity: Buffer, modified: number, place: number): void {
    const slice = this.slices[(identity[0] as number) >> 2] as { bytes: Buffer; length: number };
    if (slice.length === slice.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, slice.bytes.length * 2));
      slice.bytes.copy(larger);
      slice.bytes = larger;
    }
    identity.copy(slice.bytes, slice.length, 0, SAME_BYTES);
    slice.bytes.writeUInt32BE(modified, slice.length + SAME_BYTES);
    slice.bytes.writeUInt32BE(place, slice.length + SAME_BYTES + 4);
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
