/** Enough for some 30,000 players; how many more there are makes no difference. */
const BYTES = 512;
const BITS = BYTES * 8;
/** Bytes of a player's hash that neither the split nor the slice of identities goes by. */
const FROM = 4;

/**
 * Counts different players, roughly and without knowing who they are: each marks one of 4,096 places, which many share
 * (linear counting; Whang, Vander-Zanden, Taylor 1990). The marks of groups can be put together in any order.
 */
export class PlayerMarks {
  private readonly bytes: Buffer;

  constructor(marks = "") {
    this.bytes = Buffer.alloc(BYTES);
    Buffer.from(marks, "base64").copy(this.bytes);
  }

  /** Marks the player of an identity, or of a hash. */
  mark(identity: Buffer): void {
    const place = identity.readUInt16BE(FROM) % BITS;
    this.bytes.writeUInt8(this.bytes.readUInt8(place >> 3) | (1 << (place & 7)), place >> 3);
  }

  addAll(marks: string): void {
    const others = Buffer.from(marks, "base64");
    for (const [index, byte] of others.entries()) this.bytes.writeUInt8(this.bytes.readUInt8(index) | byte, index);
  }

  /** Estimates the number of players; with all places marked it is at least this. */
  get count(): number {
    let free = 0;
    for (let place = 0; place < BITS; place += 1) {
      if ((this.bytes.readUInt8(place >> 3) & (1 << (place & 7))) === 0) free += 1;
    }
    return Math.round(-BITS * Math.log(Math.max(1, free) / BITS));
  }

  toString(): string {
    return this.bytes.toString("base64");
  }
}
