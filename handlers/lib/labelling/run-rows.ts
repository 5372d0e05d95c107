import { bySplit, type RunRows, SPLITS, type Split } from "../../../contracts/run-layout";

/** Rows that got a label during the run, and those with label 1 among them; by split. */
export interface LabelledRows {
  readonly rows: Readonly<Record<Split, number>>;
  readonly positives: Readonly<Record<Split, number>>;
  /** Rows of the second test. */
  readonly outOfTime: number;
}

/** Counts rows that got a label during the run among those of the run, and no longer as unlabelled. */
export const withLabelled = (of: RunRows, labelled: LabelledRows): RunRows => ({
  ...of,
  ...bySplit((split) => of[split] + labelled.rows[split]),
  positives: bySplit((split) => of.positives[split] + labelled.positives[split]),
  outOfTime: of.outOfTime + labelled.outOfTime,
  unlabelled: of.unlabelled - SPLITS.reduce((sum, split) => sum + labelled.rows[split], labelled.outOfTime),
});
