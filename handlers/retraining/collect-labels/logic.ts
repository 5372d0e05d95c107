import { CONTEXT_COLUMNS } from "../../../catalogue/training/subgroups";
import {
  bySplit,
  labelledPart,
  type RunPath,
  SPLITS,
  type Split,
  type Unlabelled,
} from "../../../contracts/run-layout";
import type { TaskState } from "../../lib/labelling/store";
import { csvRow, parseRow, trainingRow } from "../../lib/records/csv";

export interface Collected {
  readonly asked: number;
  readonly agreed: number;
  readonly disputed: number;
  /** Tasks that nobody answered, or not enough. */
  readonly open: number;
  /** Rows of each split with label 1. */
  readonly positives: Readonly<Record<Split, number>>;
  readonly rows: Readonly<Record<Split, number>>;
}

/** Makes the run's new rows of agreed labels: files of the run with their texts, and counts of what came of the tasks. */
export function collect(
  rows: readonly Unlabelled[],
  states: ReadonlyMap<string, TaskState>,
): { readonly files: ReadonlyMap<RunPath, string>; readonly collected: Collected } {
  const labelled = rows.flatMap((row) => {
    const { label } = states.get(row.task) ?? {};
    return label === undefined ? [] : [{ ...row, label }];
  });
  const of = (split: Split) => labelled.filter((row) => row.split === split);
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");
  const files = new Map<RunPath, string>(
    SPLITS.filter((split) => of(split).length > 0).map((split) => [
      labelledPart(split),
      text(of(split).map(({ label, row }) => trainingRow(label, 1, csvRow(parseRow(row))))),
    ]),
  );
  // Beside the rows of the test split, and only there, as for the rows of preprocessing.
  if (files.has(labelledPart("test"))) {
    files.set(labelledPart("context"), text([CONTEXT_COLUMNS.join(), ...of("test").map(({ context }) => context)]));
  }
  const count = (status: TaskState["status"]) => rows.filter(({ task }) => states.get(task)?.status === status).length;
  const [agreed, disputed] = [count("agreed"), count("disputed")];
  return {
    files,
    collected: {
      asked: rows.length,
      agreed,
      disputed,
      open: rows.length - agreed - disputed,
      positives: bySplit((split) => of(split).filter(({ label }) => label > 0).length),
      rows: bySplit((split) => of(split).length),
    },
  };
}
