import { FAILURES } from "../../../contracts/problems";
import {
  type Prediction,
  type PredictReply,
  type PreprocessReply,
  type RecordError,
  recordPointer,
  type ServiceError,
} from "../../../contracts/request-path";
import { Refusal } from "../../lib/http/problem";
import { type Chunk, chunksOf } from "../../lib/util/chunks";
import { type CallFailure, toFailure, within } from "../../lib/util/failure";

/** The functions that the filter asks; payloads are JSON texts, so that large records are serialised once. */
export interface Ports {
  readonly preprocess: (dataset: string, payload: string, signal: AbortSignal) => Promise<PreprocessReply>;
  readonly predict: (payload: string, signal: AbortSignal) => Promise<PredictReply>;
  readonly onFailure: (step: "preprocess" | "predict", dataset: string, failure: CallFailure, records: number) => void;
}

export interface Answer {
  readonly predictions: readonly Prediction[];
  readonly errors: readonly (RecordError | ServiceError)[];
}

interface Batch {
  readonly requestId: string;
  readonly datasets: readonly string[];
  /** Operators whose players the client may ask about. */
  readonly operators: readonly string[];
  readonly records: readonly unknown[];
  readonly signal: AbortSignal;
}

/** Lambda accepts 6 MB; the rest is for the envelope. */
const MAX_PAYLOAD_BYTES = 5_000_000;
/** Twice the longest record of 90 days there can be; what is longer must not keep preprocess from others' records. */
export const MAX_RECORD_BYTES = 256 * 1024;

/** Answers a batch. Every index from 0 to the last ends in at least one prediction or one error. */
export async function answerBatch(ports: Ports, batch: Batch): Promise<Answer> {
  const { groups, errors } = groupByDataset(batch);
  const answers = await Promise.all([...groups].map(([dataset, records]) => ask(ports, batch, dataset, records)));
  return merge([{ predictions: [], errors }, ...answers]);
}

/** In the order of the client's records. The sort is stable, so each record keeps its models' and problems' order. */
function merge(answers: readonly Answer[]): Answer {
  const byIndex = (a: { index: number }, b: { index: number }) => a.index - b.index;
  return {
    predictions: answers.flatMap(({ predictions }) => predictions).sort(byIndex),
    errors: answers.flatMap(({ errors }) => errors).sort(byIndex),
  };
}

const FOREIGN = "is not an operator that you act for";

/** A record as it goes to preprocess: an `IndexedRecord`'s JSON. */
interface SerialisedRecord {
  readonly index: number;
  readonly text: string;
}

export function groupByDataset({ records, datasets, operators }: Pick<Batch, "records" | "datasets" | "operators">) {
  const groups = new Map(datasets.map((dataset): [string, SerialisedRecord[]] => [dataset, []]));
  const errors: RecordError[] = [];
  records.forEach((record, index) => {
    const pointer = recordPointer(index);
    if (typeof record !== "object" || record === null || Array.isArray(record)) {
      errors.push({ index, pointer, message: "must be an object" });
      return;
    }
    // Before anything else of it: an operator that there is not and one of others are answered alike.
    if ("operatorId" in record && typeof record.operatorId === "string" && !operators.includes(record.operatorId)) {
      errors.push({ index, pointer: `${pointer}/operatorId`, message: FOREIGN, status: 403 });
      return;
    }
    const dataset = "dataset" in record ? record.dataset : undefined;
    const group = typeof dataset === "string" ? groups.get(dataset) : undefined;
    if (group === undefined) {
      errors.push({ index, pointer: `${pointer}/dataset`, message: `must be one of ${datasets.join(", ")}` });
      return;
    }
    const text = serialise(index, record);
    const bytes = text === undefined ? 0 : Buffer.byteLength(text);
    if (text === undefined) errors.push({ index, pointer, message: "is nested too deeply" });
    else if (bytes > MAX_RECORD_BYTES) {
      errors.push({ index, pointer, message: `has ${bytes} bytes; send at most ${MAX_RECORD_BYTES} for one record` });
    } else group.push({ index, text });
  });
  return { groups: new Map([...groups].filter(([, group]) => group.length > 0)), errors };
}

/** `JSON.parse` accepts any depth, but `JSON.stringify` recurses and may exhaust the stack. */
function serialise(index: number, record: object): string | undefined {
  try {
    return JSON.stringify({ index, record });
  } catch {
    return undefined;
  }
}

async function ask(ports: Ports, batch: Batch, dataset: string, records: readonly SerialisedRecord[]): Promise<Answer> {
  const chunks = chunksOf(records, MAX_PAYLOAD_BYTES, ({ text }) => text);
  return merge(await Promise.all(chunks.map((chunk) => askChunk(ports, batch, dataset, chunk))));
}

async function askChunk(ports: Ports, batch: Batch, dataset: string, chunk: Chunk<SerialisedRecord>): Promise<Answer> {
  const { requestId, signal } = batch;
  const failed = (step: "preprocess" | "predict", items: readonly { index: number }[]) => (error: unknown) => {
    const failure = toFailure(error);
    ports.onFailure(step, dataset, failure, items.length);
    return { predictions: [], errors: items.map(({ index }) => serviceError(index, failure)) };
  };
  const predict = async ({ featureHash, rows, errors }: PreprocessReply): Promise<Answer> => {
    const answers = chunksOf(rows, MAX_PAYLOAD_BYTES, (row) => JSON.stringify(row)).map(({ items, texts }) =>
      within(signal, ports.predict(payload({ requestId, dataset, featureHash }, "rows", texts), signal)).catch(
        failed("predict", items),
      ),
    );
    return merge([{ predictions: [], errors }, ...(await Promise.all(answers))]);
  };
  const answer = await within(
    signal,
    ports.preprocess(dataset, payload({ requestId }, "records", chunk.texts), signal),
  ).then(predict, failed("preprocess", chunk.items));
  return complete(chunk.items, answer);
}

/** An object's JSON with one more field: an array of the JSON texts given. */
function payload(fields: Readonly<Record<string, string>>, name: string, texts: readonly string[]): string {
  return `${JSON.stringify(fields).slice(0, -1)},"${name}":[${texts.join(",")}]}`;
}

function serviceError(index: number, failure: CallFailure): ServiceError {
  const { kind, retryable } = failure;
  return { index, pointer: recordPointer(index), message: FAILURES[kind].record, retryable };
}

/** A record that a reply forgot gets an error, and a record that nobody asked about is not answered. */
function complete(asked: readonly { index: number }[], { predictions, errors }: Answer): Answer {
  const open = new Set(asked.map(({ index }) => index));
  const wasAsked = ({ index }: { index: number }) => open.has(index);
  const answer = { predictions: predictions.filter(wasAsked), errors: errors.filter(wasAsked) };
  for (const { index } of [...answer.predictions, ...answer.errors]) open.delete(index);
  return { ...answer, errors: [...answer.errors, ...[...open].map(forgotten)] };
}

const forgotten = (index: number): ServiceError => ({
  index,
  pointer: recordPointer(index),
  message: FAILURES.unavailable.record,
  retryable: true,
});

/** Why an answer without a single prediction is refused: the client's fault only when nothing of ours failed. */
export function refusalOf({ errors }: Answer): Refusal {
  const ours = errors.filter((error): error is ServiceError => "retryable" in error);
  if (errors.every((error) => error.status === 403)) {
    return new Refusal("not-your-operator", "send records of operators that you act for", errors);
  }
  if (ours.length === 0) {
    return new Refusal("no-valid-record", "correct the records as the errors say", errors);
  }
  if (ours.some(({ retryable }) => retryable)) {
    return new Refusal("unavailable", "no model could answer within the time budget; send the batch again", errors);
  }
  return new Refusal("internal", "the request could not be answered");
}
