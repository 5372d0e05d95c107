import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** The bytes of an object, as they arrive. */
export type Chunks = Iterable<Buffer> | AsyncIterable<Buffer>;

/** Both bytes that gzip begins with, and no text does (RFC 1952). */
const GZIP = Buffer.from([0x1f, 0x8b]);
/** Larger than zlib's own 16 KiB, because each piece costs a turn of the event loop. */
const UNPACKED_PIECE = 256 * 1024;

/** Reads the first `bytes`, or all there are: what the content begins with, and the whole of it. */
export async function peek(chunks: Chunks, bytes: number) {
  const rest = (async function* () {
    yield* chunks;
  })();
  const first: Buffer[] = [];
  for (let length = 0; length < bytes; length += first.at(-1)?.length ?? 0) {
    const next = await rest.next();
    if (next.done) break;
    first.push(next.value);
  }
  const whole = (async function* () {
    try {
      yield* first;
      yield* rest;
    } finally {
      await rest.return();
    }
  })();
  return { head: Buffer.concat(first).subarray(0, bytes), whole };
}

/**
 * The bytes, unpacked when they are gzip, which their first bytes tell and not a name. Throws what `isDamage` knows.
 */
export async function* unpacked(chunks: Chunks): AsyncGenerator<Buffer> {
  const { head, whole } = await peek(chunks, GZIP.length);
  // The callback is for errors, which reach the reader of what the pipeline ends in all the same.
  yield* head.equals(GZIP)
    ? pipeline(Readable.from(whole), createGunzip({ chunkSize: UNPACKED_PIECE }), () => {})
    : whole;
}

/** Tells whether an error says that packed bytes are damaged, and not that reading them failed. */
export const isDamage = (error: unknown): error is Error =>
  String((error as { readonly code?: unknown } | null)?.code).startsWith("Z_");
