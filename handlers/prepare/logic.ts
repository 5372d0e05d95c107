import { LABEL_SOURCES, type Label } from "../../catalogue/labels";
import { SUBGROUP_ATTRIBUTES } from "../../catalogue/subgroups";
import { isDamage, peek, unpacked } from "../shared/content";
import { checkOf, IdentityCollector } from "../shared/identities";
import { RejectionCollector } from "../shared/rejections";
import { bySplit, type Counts, type Group, type GroupCounts, groupName, type RunPath, runKey } from "../shared/run";
import { foreignFormat } from "./formats";
import { type Line, problem } from "./line";
import { ObjectReader } from "./object";
import { PartWriter, type Upload } from "./parts";
import { type Open, type Opened, readAhead } from "./read-ahead";

/** One group of the plan: objects of the data bucket. */
export interface PrepareInput extends Pick<Group, "keys" | "modified"> {
  readonly model: string;
  readonly runId: string;
  /** Whether the group has been prepared, and is to be again, without the records that `tally` found to be duplicates. */
  readonly again: boolean;
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
  /** What to leave out: what `findDuplicates` found of this group. */
  readonly duplicates?: Buffer;
  /** Called with the key of the object that is read. */
  readonly beforeChunk?: (key: string) => void;
}

/** Turns objects of records into the run's CSV parts, streaming: an object may be larger than the memory. */
export async function prepare(
  { runId, keys, modified }: Pick<PrepareInput, "runId" | "keys" | "modified">,
  open: Open,
  readLine: (text: string) => Line,
  upload: Upload,
  {
    keepUnlabelled = true,
    partBytes = PART_BYTES,
    maxLineBytes = MAX_LINE_BYTES,
    duplicates = Buffer.alloc(0),
    beforeChunk = () => {},
  }: PrepareOptions = {},
): Promise<Counts> {
  const group = groupName(keys[0]);
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
  const counts = { unlabelled: 0, duplicates: 0, rejected: 0, lines: 0, bytes: 0, rejectedBytes: 0 };
  const identities = new IdentityCollector();
  const leftOut = new Duplicates(duplicates);
  let written = 0;

  const take = (found: Line, bytes: number, key: string, number: number, record: number): string | undefined => {
    const place = counts.lines;
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
    if (leftOut.has(place, found.identity)) {
      counts.duplicates += 1;
      rejections.duplicate(key);
      return undefined;
    }
    identities.add(found.identity, written, place);
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
        if (object.isHopeless) break;
      }
      return object.end(head);
    } catch (error) {
      if (!isDamage(error)) throw error;
      const damage = `is damaged gzip, ${error.message}; write it again`;
      take(problem(damage), 0, key, 1, 1);
      return damage;
    }
  };
  let index = 0;
  for await (const opened of readAhead(keys, open)) {
    written = modified[index] ?? 0;
    index += 1;
    const unusable = await readObject(opened);
    if (unusable) rejections.object(opened.key, unusable);
  }
  await flush(true);
  leftOut.end();
  const rows = bySplit((split) => writers[split].rows);
  const all: GroupCounts = {
    rows,
    positives,
    sources,
    ...counts,
    rejections: rejections.result(),
    group: keys[0],
    identities: identities.counts,
  };
  const body = identities.body();
  if (body.length > 0) await upload(runKey(runId, `identities/${group}.bin`), body);
  await upload(runKey(runId, `counts/${group}.json`), Buffer.from(JSON.stringify(all)));
  return all;
}

/** The places of a group whose records are left out, as they come. */
class Duplicates {
  private at = 0;

  constructor(private readonly pairs: Buffer) {}

  /** Throws when another record is at the place than was there when duplicates were looked for. */
  has(place: number, identity: Buffer): boolean {
    if (this.at === this.pairs.length || this.pairs.readUInt32BE(this.at) !== place) return false;
    if (this.pairs.readUInt32BE(this.at + 4) !== checkOf(identity)) throw new Error(CHANGED);
    this.at += 8;
    return true;
  }

  end(): void {
    if (this.at !== this.pairs.length) throw new Error(CHANGED);
  }
}

const CHANGED = "objects were written while a run read them; start it again";
