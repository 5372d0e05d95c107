import type { Dataset, RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import type { Model } from "../../../catalogue/models";
import {
  type IndexedRecord,
  type Lacks,
  type RecordError,
  type Row,
  recordPointer,
} from "../../../contracts/request-path";
import { limitProblems, type RecordReader } from "../../lib/records/records";

export interface Preprocessed {
  readonly rows: readonly Row[];
  readonly errors: readonly RecordError[];
  /** Names of the exceptions behind records that no rule foresaw; for the log only. */
  readonly failures: readonly string[];
}

/** For all records of a call together, so that the worst batch's reply stays far below Lambda's 6 MB. */
const MAX_PROBLEMS_OF_CALL = 2_000;

/** Finds what a record lacks of the needs of its dataset's models; `undefined` when it lacks nothing, as most records do. */
export type LacksOf<R extends RecordIdentity> = (record: R) => Lacks | undefined;

/** Makes the function that holds a dataset's records against the needs of its models. */
export function lacksOf<R extends RecordIdentity, N extends string>(
  dataset: Dataset<R, N>,
  models: readonly Model[],
): LacksOf<R> {
  const own = models.filter((model) => model.dataset === dataset.name);
  return (record) => {
    const found = own
      .map(({ name, needs }) => [name, dataset.lacking(record, needs)] as const)
      .filter(([, lacks]) => lacks.length > 0);
    return found.length > 0 ? Object.fromEntries(found) : undefined;
  };
}

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

function toRow<R extends RecordIdentity>(reader: RecordReader<R>, lacksOf: LacksOf<R>, index: number, record: R): Row {
  const { vector, markers } = reader.features(record);
  const { playerId, operatorId, asOf } = record;
  const lacks = lacksOf(record);
  return {
    index,
    playerId,
    operatorId,
    asOf,
    features: vector,
    markers: markers(),
    amounts: reader.currency(record),
    ...(lacks && { lacks }),
  };
}
