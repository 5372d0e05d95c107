import { type Chunks, isDamage, peek, unpacked } from "./content";
import { foreignFormat } from "./formats";
import type { RejectedLine } from "./line";
import { ObjectReader, type Take } from "./object";
import { type Open, readAhead } from "./read-ahead";

/** Many times a record of 90 days; what is longer is no record. */
const MAX_LINE_BYTES = 1_000_000;
/** Enough to see what an object is. */
const HEAD_BYTES = 4096;

/** The place of an object among those that are read. */
export interface ReadObject {
  readonly key: string;
  readonly index: number;
}

/** Takes what comes of objects; see `Take` for the lines. */
export interface ObjectSink<Usable> {
  readonly take: (object: ReadObject, ...found: Parameters<Take<Usable>>) => string | undefined;
  /** Hears of an object that gives nothing usable, and what it is instead. */
  readonly unusable: (key: string, what: string) => void;
  /** Called before a chunk of an object is read. */
  readonly beforeChunk?: (key: string) => void;
  /** Called after a chunk was read. */
  readonly afterChunk: () => Promise<void>;
}

/** Reads the records of objects, streaming: an object may be larger than the memory. */
export async function readObjects<Usable>(
  keys: readonly string[],
  open: Open,
  readLine: (text: string) => Usable | RejectedLine,
  sink: ObjectSink<Usable>,
  maxLineBytes = MAX_LINE_BYTES,
): Promise<void> {
  /** Reads an object; returns what it is instead, when it gives nothing usable. */
  const readObject = async (of: ReadObject, chunks: Chunks): Promise<string | undefined> => {
    const object = new ObjectReader<Usable>(readLine, (...found) => sink.take(of, ...found), maxLineBytes);
    try {
      const { head, whole } = await peek(unpacked(chunks), HEAD_BYTES);
      const foreign = foreignFormat(head);
      for await (const chunk of whole) {
        sink.beforeChunk?.(of.key);
        if (foreign) return object.refuse(foreign, chunk.length);
        object.push(chunk);
        await sink.afterChunk();
        if (object.isHopeless) break;
      }
      return object.end(head);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return object.refuse(`is damaged gzip, ${error.message}; write it again`, 0);
    }
  };

  let index = 0;
  for await (const { key, chunks } of readAhead(keys, open)) {
    const unusable = await readObject({ key, index }, chunks);
    if (unusable !== undefined) sink.unusable(key, unusable);
    index += 1;
  }
}
