import { Buffer } from "node:buffer";

export type Upload = (key: string, body: Buffer) => Promise<void>;

/** Starts small, because most objects fill no part. */
const FIRST_BYTES = 64 * 1024;

/**
 * Collects rows and uploads them as numbered parts, each at least `partBytes` long but the last. Names depend on
 * the order of the rows only, so a repeated run overwrites its own parts. Rows are added synchronously; `flush` is
 * called between chunks of input, which bounds the memory at one part and the rows of one chunk.
 */
export class PartWriter {
  private buffer = Buffer.allocUnsafe(FIRST_BYTES);
  private length = 0;
  private parts = 0;
  rows = 0;

  constructor(
    private readonly upload: Upload,
    private readonly keyOf: (part: number) => string,
    private readonly partBytes: number,
    /** First line of every part. */
    private readonly header?: string,
  ) {}

  /** Tells whether the part has as many bytes as it should. */
  get isFull(): boolean {
    return this.length >= this.partBytes;
  }

  add(row: string): void {
    if (this.length === 0 && this.header !== undefined) this.write(this.header);
    this.write(row);
    this.rows += 1;
  }

  private write(row: string): void {
    // The most bytes that a UTF-16 unit takes in UTF-8, and a newline.
    this.reserve(row.length * 3 + 1);
    this.length += this.buffer.write(row, this.length);
    this.buffer[this.length] = 0x0a;
    this.length += 1;
  }

  /** Uploads the part when it is full, or, at the end, when there is anything in it. Says whether it did. */
  async flush(end = false): Promise<boolean> {
    if (this.length === 0 || (!end && !this.isFull)) return false;
    const body = this.buffer.subarray(0, this.length);
    await this.upload(this.keyOf(this.parts), body);
    this.parts += 1;
    this.length = 0;
    return true;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
