import type { RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import type { Row } from "../../../contracts/request-path";
import { groupName } from "../../../contracts/run-layout";
import { partName, type ScoringCounts, scoringKeys } from "../../../contracts/scoring-layout";
import { lineReader, rejectedLine } from "../../lib/records/line";
import { PartWriter, type Upload } from "../../lib/records/parts";
import type { Open } from "../../lib/records/read-ahead";
import { readObjects } from "../../lib/records/read-objects";
import { limitProblems, type RecordReader } from "../../lib/records/records";
import { RejectionCollector } from "../../lib/records/rejections";
import { type LacksOf, toRow } from "../../lib/records/rows";
import { partOf, writeRow } from "../../lib/scoring/rows";
import { concurrently } from "../../lib/util/concurrently";

/** Bytes of a file of a part, but for a group's last. All parts' files together must fit into the memory. */
const FILE_BYTES = 1024 * 1024;
const UPLOADS_AT_ONCE = 16;

interface FoundRow {
  readonly kind: "row";
  readonly row: Row;
}

/** Makes the reader of a dataset's records for the scoring, to which it does not matter what became of a player later. */
export const scoringLineReader = <R extends RecordIdentity>(reader: RecordReader<R>, lacks: LacksOf<R>) =>
  lineReader<FoundRow>((parsed) => {
    const { outcome: _, ...record }: { outcome?: unknown } = parsed;
    const problems = reader.check(record);
    if (problems.length === 0) return { kind: "row", row: toRow(reader, lacks, 0, record as R) };
    // A record of another dataset is wrong in most of its fields; what is wrong is that it is here.
    const elsewhere = problems.filter(({ pointer }) => pointer === "/dataset");
    return rejectedLine(...limitProblems(elsewhere.length > 0 ? elsewhere : problems));
  });

interface ExtractOptions {
  readonly beforeChunk?: (key: string) => void;
  readonly fileBytes?: number;
}

/**
 * Turns a group of objects into rows in files of their players' parts. Files are named by the group, so a repeated group
 * overwrites its own.
 */
export async function extractFeatures(
  {
    runId,
    parts,
    keys,
  }: { readonly runId: string; readonly parts: number; readonly keys: readonly [string, ...string[]] },
  open: Open,
  readLine: ReturnType<typeof scoringLineReader>,
  upload: Upload,
  { beforeChunk, fileBytes = FILE_BYTES }: ExtractOptions = {},
): Promise<ScoringCounts> {
  const files = scoringKeys(runId);
  const group = groupName(keys[0]);
  const writers = Array.from({ length: parts }, (_, part) => {
    const folder = files.rows(partName(part));
    return new PartWriter(upload, (file) => `${folder}${group}-${file}.jsonl`, fileBytes);
  });
  const flush = (end: boolean) =>
    concurrently(end ? writers : writers.filter(({ isFull }) => isFull), UPLOADS_AT_ONCE, (each) => each.flush(end));
  const rejections = new RejectionCollector();
  const counts = { records: 0, bytes: 0, rejected: 0, rejectedBytes: 0 };
  await readObjects<FoundRow>(keys, open, readLine, {
    take: ({ key }, found, bytes, line) => {
      counts.records += 1;
      counts.bytes += bytes;
      if (found.kind === "row") {
        writers[partOf(found.row, parts)]?.add(writeRow(found.row));
        return undefined;
      }
      counts.rejected += 1;
      counts.rejectedBytes += bytes;
      return rejections.line(key, line, found.problems);
    },
    unusable: (key, what) => rejections.object(key, what),
    ...(beforeChunk && { beforeChunk }),
    afterChunk: async () => {
      await flush(false);
    },
  });
  await flush(true);
  const all = { ...counts, rejections: rejections.result() };
  // Last, because who finds it takes the group for done.
  await upload(`${files.counts}${group}.json`, Buffer.from(JSON.stringify(all)));
  return all;
}
