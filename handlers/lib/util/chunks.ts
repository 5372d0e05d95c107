/**
 * Groups items, in order, so that each group's texts stay within `limit` bytes together and no group has more than
 * `most` items. A text that is larger alone gets a group alone: whether it can be sent is for the receiver to say.
 */
export function chunksOf<T>(
  items: readonly T[],
  limit: number,
  textOf: (item: T) => string,
  most = Number.POSITIVE_INFINITY,
): Chunk<T>[] {
  const chunks: Chunk<T>[] = [];
  let current: { items: T[]; texts: string[] } | undefined;
  let bytes = 0;
  for (const item of items) {
    const text = textOf(item);
    // One more for the separator.
    const size = Buffer.byteLength(text) + 1;
    if (current === undefined || current.items.length === most || bytes + size > limit) {
      current = { items: [], texts: [] };
      chunks.push(current);
      bytes = 0;
    }
    current.items.push(item);
    current.texts.push(text);
    bytes += size;
  }
  return chunks;
}

export interface Chunk<T> {
  readonly items: readonly T[];
  /** The items as they are sent, so that nothing is serialised twice. */
  readonly texts: readonly string[];
}
