import type { RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import { type IndexedRecord, type RecordError, type Row, recordPointer } from "../../../contracts/request-path";
import { limitProblems, type RecordReader } from "../../lib/records/records";
import { type LacksOf, toRow } from "../../lib/records/rows";

export interface Preprocessed {
  readonly rows: readonly Row[];
  readonly errors: readonly RecordError[];
  /** Names of the exceptions behind records that no rule foresaw; for the log only. */
  readonly failures: readonly string[];
}

/** For all records of a call together, so that the worst batch's reply stays far below Lambda's 6 MB. */
const MAX_PROBLEMS_OF_CALL = 2_000;

/** Checks records and makes their features. Each record ends in `rows` or in `errors`, whatever the others are. */
export function preprocess<R extends RecordIdentity>(
  reader: RecordReader<R>,
  lacks: LacksOf<R>,
  records: readonly IndexedRecord[],
): Preprocessed {
  const rows: Row[] = [];
  const errors: RecordError[] = [];
  const failures: string[] = [];
  const mostProblems = Math.max(1, Math.floor(MAX_PROBLEMS_OF_CALL / records.length));
  for (const { index, record } of records) {
    const root = recordPointer(index);
    try {
      const problems = reader.check(record);
      if (problems.length > 0) {
        for (const { pointer, message } of limitProblems(problems, mostProblems)) {
          errors.push({ index, pointer: `${root}${pointer}`, message });
        }
        continue;
      }
      rows.push(toRow(reader, lacks, index, record as R));
    } catch (error) {
      // One record that a dataset's code did not foresee must not lose the rest of the batch.
      failures.push(error instanceof Error ? error.name : typeof error);
      errors.push({ index, pointer: root, message: "cannot be processed" });
    }
  }
  return { rows, errors, failures };
}
