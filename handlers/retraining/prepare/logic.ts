import type { Input } from "../../../contracts/inputs";
import type { Counts } from "../../../contracts/run-layout";
import { isDamage, peek, unpacked } from "../../lib/records/content";
import { foreignFormat } from "./formats";
import { type GroupOptions, GroupWriter } from "./group";
import type { Line } from "./line";
import { ObjectReader } from "./object";
import type { Upload } from "./parts";
import { type Open, type Opened, readAhead } from "./read-ahead";

/** Many times a record of 90 days; what is longer is no record. */
const MAX_LINE_BYTES = 1_000_000;
/** Enough to see what an object is. */
const HEAD_BYTES = 4096;

interface PrepareOptions extends GroupOptions {
  readonly maxLineBytes?: number;
  /** Called with the key of the object that is read. */
  readonly beforeChunk?: (key: string) => void;
}

/** Turns objects of records into the run's CSV parts, streaming: an object may be larger than the memory. */
export async function prepare(
  { runId, keys, modified }: Pick<Input<"prepare">, "runId" | "keys" | "modified">,
  open: Open,
  readLine: (text: string) => Line,
  upload: Upload,
  { maxLineBytes = MAX_LINE_BYTES, beforeChunk = () => {}, ...options }: PrepareOptions = {},
): Promise<Counts> {
  const group = new GroupWriter(runId, keys[0], upload, options);

  /** Reads an object; returns what it is instead, when it gives nothing usable. */
  const readObject = async ({ key, chunks }: Opened, written: number): Promise<string | undefined> => {
    const object = new ObjectReader(
      readLine,
      (found, bytes, line, record) => group.take(found, bytes, { key, modified: written, line, record }),
      maxLineBytes,
    );
    try {
      const { head, whole } = await peek(unpacked(chunks), HEAD_BYTES);
      const foreign = foreignFormat(head);
      for await (const chunk of whole) {
        beforeChunk(key);
        if (foreign) return object.refuse(foreign, chunk.length);
        object.push(chunk);
        await group.flush();
        if (object.isHopeless) break;
      }
      return object.end(head);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return object.refuse(`is damaged gzip, ${error.message}; write it again`, 0);
    }
  };

  let index = 0;
  for await (const opened of readAhead(keys, open)) {
    const unusable = await readObject(opened, modified[index] ?? 0);
    if (unusable !== undefined) group.unusable(opened.key, unusable);
    index += 1;
  }
  return group.finish();
}
