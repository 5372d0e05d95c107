export type Open = (key: string) => Promise<AsyncIterable<Buffer>>;

export interface Opened {
  readonly key: string;
  /** An error in it names the key. */
  readonly chunks: Iterable<Buffer> | AsyncIterable<Buffer>;
}

/** Objects read ahead of the one whose turn it is: the time of a request is much longer than a small object's work. */
const AHEAD = 8;
/** Larger objects wait for their turn, so that what is read ahead takes no more memory than this for each. */
const SMALL_BYTES = 1024 * 1024;

/**
 * Opens objects in the order of their keys, the small ones before their turn and side by side. An object that is not
 * small is requested twice, unless it is the first.
 */
export async function* readAhead(keys: readonly string[], open: Open): AsyncGenerator<Opened> {
  const ahead = new Map<string, Promise<Buffer[] | undefined>>();
  for (const [index, key] of keys.entries()) {
    for (const next of keys.slice(index + 1, index + 1 + AHEAD)) {
      if (ahead.has(next)) continue;
      const content = wholeIfSmall(named(next, open));
      // Whoever comes to its turn sees the error.
      content.catch(() => {});
      ahead.set(next, content);
    }
    const small = await ahead.get(key);
    ahead.delete(key);
    yield { key, chunks: small ?? named(key, open) };
  }
}

async function* named(key: string, open: Open): AsyncIterable<Buffer> {
  try {
    yield* await open(key);
  } catch (error) {
    const { name, message } = error as Error;
    throw new Error(`${key} cannot be read: ${name}: ${message}`, { cause: error });
  }
}

async function wholeIfSmall(chunks: AsyncIterable<Buffer>): Promise<Buffer[] | undefined> {
  const read: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > SMALL_BYTES) return undefined;
    read.push(chunk);
  }
  return read;
}
