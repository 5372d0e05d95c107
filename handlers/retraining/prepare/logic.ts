import type { Input } from "../../../contracts/inputs";
import type { Counts } from "../../../contracts/run-layout";
import type { Upload } from "../../lib/records/parts";
import type { Open } from "../../lib/records/read-ahead";
import { readObjects } from "../../lib/records/read-objects";
import { type GroupOptions, GroupWriter } from "./group";
import type { Line } from "./line";

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
  { maxLineBytes, beforeChunk = () => {}, ...options }: PrepareOptions = {},
): Promise<Counts> {
  const group = new GroupWriter(runId, keys[0], upload, options);
  await readObjects<Exclude<Line, { kind: "rejected" }>>(
    keys,
    open,
    readLine,
    {
      take: ({ key, index }, found, bytes, line, record) =>
        group.take(found, bytes, { key, modified: modified[index] ?? 0, line, record }),
      unusable: (key, what) => group.unusable(key, what),
      beforeChunk,
      afterChunk: () => group.flush(),
    },
    maxLineBytes,
  );
  return group.finish();
}
