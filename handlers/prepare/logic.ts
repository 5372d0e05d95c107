import { createHash } from "node:crypto";
import type { RecordIdentity, TrainingRecord } from "../../catalogue/dataset";
import { outcomeTimes } from "../../catalogue/datasets/plausible-times";
import { LABEL_SOURCES, type Label } from "../../catalogue/labels";
import { type Outcome, outcome as outcomeSchema } from "../../catalogue/outcome";
import { SUBGROUP_ATTRIBUTES, subgroups } from "../../catalogue/subgroups";
import type { Problem } from "../../catalogue/vocabulary";
import { csvRow } from "../shared/csv";
import { LineSplitter } from "../shared/lines";
import { limitProblems, type RecordReader } from "../shared/records";
import { type Counts, type RunPath, runKey, type Split, type Unlabelled } from "../shared/run";
import { PartWriter, type Upload } from "./parts";
import { type Open, readAhead } from "./read-ahead";

export interface PrepareInput {
  readonly model: string;
  readonly runId: string;
  /** One group of the plan: objects of the data bucket. */
  readonly keys: readonly [string, ...string[]];
}

/** Many times a record of 90 days; a longer line is no record. */
const MAX_LINE_BYTES = 1_000_000;
/** Many parts spread a distributed training evenly; few keep S3 requests cheap. */
const PART_BYTES = 32 * 1024 * 1024;
const TWO_TO_THE_32 = 2 ** 32;

/** 70 % train, 15 % validation, 15 % test, by player: all records of a player are in one split, in every run. */
export function splitOf(operatorId: string, playerId: string): Split {
  const digest = createHash("sha256").update(`${operatorId}\n${playerId}`).digest();
  const share = digest.readUInt32BE(0) / TWO_TO_THE_32;
  if (share < 0.7) return "train";
  return share < 0.85 ? "validation" : "test";
}

/** A line's CSV row with its label first, the line's row for those who may label it, or what is wrong with the line. */
export type Line =
  | { readonly split: Split; readonly label: Label; readonly row: string; readonly context: string }
  | { readonly unlabelled: Unlabelled }
  | { readonly problems: readonly Problem[] };

/** Reads lines for one model: `labelOf` says a record's label, `taskOf` by which name others may label it. */
export function createLineReader<R extends RecordIdentity>(
  reader: RecordReader<R>,
  labelOf: (record: TrainingRecord) => Label | null,
  taskOf: (record: RecordIdentity) => string,
  /** What people agreed on in earlier runs, by task. */
  agreed: ReadonlyMap<string, number> = new Map(),
  now: () => number = Date.now,
) {
  const read = (parsed: object): Line => {
    const { outcome, ...record }: { outcome?: unknown } = parsed;
    const problems = [...reader.check(record), ...checkOutcome(outcome, now())];
    if (problems.length > 0) return { problems: limitProblems(problems) };

    const training = parsed as R & { outcome: Outcome };
    const { operatorId, playerId, asOf } = training;
    const { vector } = reader.features(record as R);
    const split = splitOf(operatorId, playerId);
    const context = subgroups(training).join();
    const known = labelOf(training);
    if (known) return { split, label: known, row: csvRow([known.value, ...vector]), context };

    const task = taskOf(training);
    const value = agreed.get(task);
    return value === undefined
      ? { unlabelled: { task, playerId, operatorId, asOf, split, context, row: csvRow(vector) } }
      : { split, label: { value, source: "labeller" }, row: csvRow([value, ...vector]), context };
  };
  return (text: string): Line => {
    const parsed = parseObject(text);
    if (parsed === undefined) return problem("is not a JSON object");
    try {
      return read(parsed);
    } catch {
      // One record that a dataset's code did not foresee must not stop the training; the request path refuses it too.
      return problem("cannot be processed");
    }
  };
}

function parseObject(text: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const problem = (message: string) => ({ problems: [{ pointer: "", message }] });

function checkOutcome(outcome: unknown, now: number): readonly Problem[] {
  if (outcome === undefined) return [{ pointer: "/outcome", message: "is missing" }];
  const wrong = outcomeSchema.check(outcome);
  const found = wrong.length > 0 ? wrong : outcomeTimes(outcome as Outcome, now);
  return found.map(({ pointer, message }) => ({ pointer: `/outcome${pointer}`, message }));
}

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
  const writers = {
    train: writer("train", "csv"),
    validation: writer("validation", "csv"),
    test: writer("test", "csv"),
  };
  // Beside each part of the test rows, the subgroups of their players.
  const context = writer("context", "csv", SUBGROUP_ATTRIBUTES.join());
  const unlabelled = writer("unlabelled", "jsonl");
  const rejects = writer("rejected", "jsonl");
  const positives = { train: 0, validation: 0, test: 0 };
  const sources = Object.fromEntries(LABEL_SOURCES.map((source) => [source, 0])) as Record<Label["source"], number>;
  let lines = 0;
  let unknown = 0;

  const take = (key: string, number: number, text: string | undefined) => {
    lines += 1;
    const line: Line = text === undefined ? problem(`is longer than ${maxLineBytes} bytes`) : readLine(text);
    if ("problems" in line) {
      rejects.add(JSON.stringify({ key, line: number, problems: line.problems }));
    } else if ("unlabelled" in line) {
      unknown += 1;
      if (keepUnlabelled) unlabelled.add(JSON.stringify(line.unlabelled));
    } else {
      sources[line.label.source] += 1;
      if (line.label.value > 0) positives[line.split] += 1;
      writers[line.split].add(line.row);
      if (line.split === "test") context.add(line.context);
    }
  };
  const flush = async (end?: boolean) => {
    for (const each of [writers.train, writers.validation, unlabelled, rejects]) await each.flush(end);
    if (await writers.test.flush(end)) await context.flush(true);
  };
  for await (const { key, chunks } of readAhead(keys, open)) {
    const splitter = new LineSplitter((text, number) => take(key, number, text), maxLineBytes);
    for await (const chunk of chunks) {
      beforeChunk(key);
      splitter.push(chunk);
      await flush();
    }
    splitter.end();
  }
  await flush(true);
  const rows = { train: writers.train.rows, validation: writers.validation.rows, test: writers.test.rows };
  const counts = { rows, positives, sources, unlabelled: unknown, rejected: rejects.rows, lines };
  await upload(runKey(runId, `counts/${group}.json`), Buffer.from(JSON.stringify(counts)));
  return counts;
}
