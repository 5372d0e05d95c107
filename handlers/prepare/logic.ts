import { createHash } from "node:crypto";
import { LABEL_SOURCES, type Label } from "../../catalogue/labels";
import { SUBGROUP_ATTRIBUTES } from "../../catalogue/subgroups";
import { isDamage, peek, unpacked } from "../shared/content";
import { RejectionCollector } from "../shared/rejections";
import { bySplit, type Counts, type GroupCounts, type RunPath, runKey } from "../shared/run";
import { foreignFormat } from "./formats";
import { type Line, problem } from "./line";
import { ObjectReader } from "./object";
import { PartWriter, type Upload } from "./parts";
import { type Open, type Opened, readAhead } from "./read-ahead";

export interface PrepareInput {
  readonly model: string;
  readonly runId: string;
  /** One group of the plan: objects of the data bucket. */
  readonly keys: readonly [string, ...string[]];
}

/** Many times a record of 90 days; what is longer is no record. */
const MAX_LINE_BYTES = 1_000_000;
/** Many parts spread a distributed training evenly; few keep S3 requests cheap. */
const PART_BYTES = 32 * 1024 * 1024;
/** Whoever mends records needs no more, and what is no record may have any number of lines. */
const MOST_REJECTED = 10_000;
/** Enough to see what an object is. */
const HEAD_BYTES = 4096;

interface PrepareOptions {
  /** Whether rows without a label are kept for those who may label them. */
  readonly keepUnlabelled?: boolean;
  readonly partBytes?: number;
  readonly maxLineBytes?: number;
  /** Called with the key of the object that is read. */
  readonly beforeChunk?: (key: string) => void;
}

/** Turns objects of records into the run's CSV parts, streaming: an object may be larger than the memory. */
export async function prepare(
  { runId, keys }: PrepareInput,
  open: Open,
  readLine: (text: string) => Line,
  upload: Upload,
  {
    keepUnlabelled = true,
    partBytes = PART_BYTES,
    maxLineBytes = MAX_LINE_BYTES,
    beforeChunk = () => {},
  }: PrepareOptions = {},
): Promise<Counts> {
  // Plans group the same objects in the same way, so a repeated group overwrites its own parts.
  const group = createHash("sha256").update(keys[0]).digest("hex").slice(0, 16);
  const writer = (folder: RunPath, extension: string, header?: string) =>
    new PartWriter(upload, (part) => `${runKey(runId, folder)}/${group}-${part}.${extension}`, partBytes, header);
  const writers = bySplit((split) => writer(split, "csv"));
  // Beside each part of the test rows, the subgroups of their players.
  const context = writer("context", "csv", SUBGROUP_ATTRIBUTES.join());
  const unlabelled = writer("unlabelled", "jsonl");
  const rejects = writer("rejected", "jsonl");
  const rejections = new RejectionCollector();
  const positives = bySplit(() => 0);
  const sources = Object.fromEntries(LABEL_SOURCES.map((source) => [source, 0])) as Record<Label["source"], number>;
  const counts = { unlabelled: 0, rejected: 0, lines: 0, bytes: 0, rejectedBytes: 0 };

  const take = (found: Line, bytes: number, key: string, number: number, record: number): string | undefined => {
    counts.lines += 1;
    counts.bytes += bytes;
    if ("problems" in found) {
      counts.rejected += 1;
      counts.rejectedBytes += bytes;
      if (rejects.rows < MOST_REJECTED) {
        rejects.add(JSON.stringify({ key, line: number, record, problems: found.problems }));
      }
      return rejections.line(key, number, found.problems);
    }
    if ("unlabelled" in found) {
      counts.unlabelled += 1;
      if (keepUnlabelled) unlabelled.add(JSON.stringify(found.unlabelled));
    } else {
      sources[found.label.source] += 1;
      if (found.label.value > 0) positives[found.split] += 1;
      writers[found.split].add(found.row);
      if (found.split === "test") context.add(found.context);
    }
    return undefined;
  };
  const flush = async (end?: boolean) => {
    for (const each of [writers.train, writers.validation, unlabelled, rejects]) await each.flush(end);
    if (await writers.test.flush(end)) await context.flush(true);
  };
  const readObject = async ({ key, chunks }: Opened) => {
    const object = new ObjectReader(
      readLine,
      (found, bytes, line, record) => take(found, bytes, key, line, record),
      maxLineBytes,
    );
    try {
      const { head, whole } = await peek(unpacked(chunks), HEAD_BYTES);
      const foreign = foreignFormat(head);
      for await (const chunk of whole) {
        beforeChunk(key);
        if (foreign) {
          take(problem(foreign), chunk.length, key, 1, 1);
          return foreign;
        }
        object.push(chunk);
        await flush();
      }
      return object.end(head);
    } catch (error) {
      if (!isDamage(error)) throw error;
      const damage = `is damaged gzip, ${error.message}; write it again`;
      take(problem(damage), 0, key, 1, 1);
      return damage;
    }
  };
  for await (const opened of readAhead(keys, open)) {
    const unusable = await readObject(opened);
    if (unusable) rejections.object(opened.key, unusable);
  }
  await flush(true);
  const rows = bySplit((split) => writers[split].rows);
  const all: GroupCounts = { rows, positives, sources, ...counts, rejections: rejections.result() };
  await upload(runKey(runId, `counts/${group}.json`), Buffer.from(JSON.stringify(all)));
  return all;
}
