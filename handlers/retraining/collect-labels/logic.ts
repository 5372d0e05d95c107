import { CONTEXT_COLUMNS, OUT_OF_TIME_COLUMNS } from "../../../catalogue/training/subgroups";
import {
  bySplit,
  labelledPart,
  OUT_OF_TIME,
  RUN_FILES,
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
  /** Rows of the second test. */
  readonly outOfTime: number;
}

type Labelled = Unlabelled & { readonly label: 0 | 1 };

/** Subgroups lie beside the rows that are tested with, and only there, as for the rows of preprocessing. */
const CONTEXTS = [
  { of: "test", folder: "context", columns: CONTEXT_COLUMNS },
  { of: OUT_OF_TIME, folder: RUN_FILES.outOfTimeContext, columns: OUT_OF_TIME_COLUMNS },
] as const;

/** Makes the run's new rows of agreed labels: files of the run with their texts, and counts of what came of the tasks. */
export function collect(
  rows: readonly Unlabelled[],
  states: ReadonlyMap<string, TaskState>,
): { readonly files: ReadonlyMap<RunPath, string>; readonly collected: Collected } {
  const labelled = rows.flatMap((row): readonly Labelled[] => {
    const { label, chosen } = states.get(row.task) ?? {};
    const maySplit = chosen === "lot" || row.split === "train";
    return label === undefined || !maySplit ? [] : [{ ...row, label }];
  });
  const weightOf = weights(labelled);
  const of = (folder: Unlabelled["split"]) => labelled.filter(({ split }) => split === folder);
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");
  const rowOf = (each: Labelled) => trainingRow(each.label, weightOf(each), csvRow(parseRow(each.row)));
  const files = new Map<RunPath, string>([
    ...([...SPLITS, OUT_OF_TIME] as const).map((split) => [labelledPart(split), text(of(split).map(rowOf))] as const),
    ...CONTEXTS.map(
      ({ of: split, folder, columns }) =>
        [labelledPart(folder), withHeader(columns, text(of(split).map(({ context }) => context)))] as const,
    ),
  ]);
  for (const [file, content] of files) if (content === "") files.delete(file);
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
      outOfTime: of(OUT_OF_TIME).length,
    },
  };
}

const withHeader = (columns: readonly string[], lines: string): string => (lines === "" ? "" : `${columns}\n${lines}`);

/**
 * Weighs the rows of a player so that they count once. Others of the player have no label, or people would not have been
 * asked; those of the second test are apart.
 */
function weights(rows: readonly Labelled[]): (row: Labelled) => number {
  const nameOf = ({ operatorId, playerId, split }: Labelled) => `${operatorId}\n${playerId}\n${split}`;
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(nameOf(row), (counts.get(nameOf(row)) ?? 0) + 1);
  return (row) => 1 / (counts.get(nameOf(row)) ?? 1);
}
