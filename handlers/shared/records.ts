import type { Dataset, RecordIdentity } from "../../catalogue/dataset";
import { recordTimes } from "../../catalogue/datasets/plausible-times";
import type { Problem } from "../../catalogue/vocabulary";

/** A record with more problems is repaired from the first ones. */
const MAX_PROBLEMS = 20;
/** Pointers name fields of the client's own making, so answers are bounded here. */
const MAX_POINTER = 100;
const MAX_MESSAGE = 200;

const clip = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length)}…`);

/** The first problems of a record, and how many more there are. */
export function limitProblems(problems: readonly Problem[], most = MAX_PROBLEMS): Problem[] {
  const kept = problems.slice(0, Math.min(most, MAX_PROBLEMS)).map(({ pointer, message }) => ({
    pointer: clip(pointer, MAX_POINTER),
    message: clip(message, MAX_MESSAGE),
  }));
  const more = problems.length - kept.length;
  if (more > 0) kept.push({ pointer: "", message: `has ${more} more problems` });
  return kept;
}

/** Reading a dataset's records: the one code of the request path and of training. */
export interface RecordReader<R extends RecordIdentity = RecordIdentity> {
  /** Every problem of the value; an empty list means that it is a record of the dataset. */
  readonly check: (value: unknown) => readonly Problem[];
  /** Features in the table's order. */
  readonly features: (record: R) => { readonly vector: (number | null)[]; readonly markers: () => string[] };
}

/** Makes the reader of a dataset; `now` tells the time in milliseconds since 1970. */
export function recordReader<R extends RecordIdentity, N extends string>(
  dataset: Dataset<R, N>,
  now: () => number = Date.now,
): RecordReader<R> {
  const names = dataset.features.map(({ name }) => name);
  return {
    check: (value) => {
      const problems = dataset.record.check(value);
      return problems.length > 0 ? problems : [...recordTimes(value as R, now()), ...dataset.rules(value as R)];
    },
    features: (record) => {
      const values = dataset.extract(record);
      return {
        vector: names.map((name) => values[name]),
        markers: () => dataset.markers.filter(({ fires }) => fires(values)).map(({ name }) => name),
      };
    },
  };
}
