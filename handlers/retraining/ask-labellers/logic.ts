import { SCHEMA_VERSIONS } from "../../../contracts/jobs";
import type { RUN_FILES, Unlabelled } from "../../../contracts/run-layout";
import type { NewTask } from "../../lib/labelling/items";
import { parseRow } from "../../lib/records/csv";
import { LineSplitter } from "../../lib/records/lines";

/** Where the rows come from that people are asked about: all unlabelled ones, or those a labelling model is unsure of. */
export type AskFrom = "unlabelled" | typeof RUN_FILES.uncertain;

/** Many times a row's length. */
const MAX_LINE_BYTES = 100_000;

const byTask = (one: Unlabelled, other: Unlabelled) => (one.task < other.task ? -1 : 1);

/**
 * The rows to ask about, at most `most`, from objects of JSON Lines. Of all unlabelled rows those whose tasks' names come
 * first: hashes, so that the choice says nothing of the players. Rows that a labelling model chose keep its order.
 * Memory is bounded by `most`. Throws when a line is not JSON.
 */
export async function chooseRows(
  objects: AsyncIterable<AsyncIterable<Buffer>>,
  from: AskFrom,
  most: number,
): Promise<readonly Unlabelled[]> {
  let rows: Unlabelled[] = [];
  const keepFirst = () => {
    if (from === "unlabelled") rows.sort(byTask);
    rows = rows.slice(0, most);
  };
  for await (const object of objects) {
    const splitter = new LineSplitter((line, number) => {
      if (line === undefined) throw new Error(`line ${number} of the rows to label is too long`);
      rows.push(JSON.parse(line) as Unlabelled);
      if (rows.length > 2 * most) keepFirst();
    }, MAX_LINE_BYTES);
    for await (const chunk of object) splitter.push(chunk);
    splitter.end();
  }
  keepFirst();
  return rows;
}

export const serialise = (rows: readonly Unlabelled[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join("");

export function newTask(
  of: Pick<NewTask, "model" | "dataset" | "featureHash">,
  { task, playerId, operatorId, asOf, row }: Unlabelled,
): NewTask {
  return { ...of, task, playerId, operatorId, asOf, features: parseRow(row) };
}

/** Reads the report of the program that labels; throws when it is of another version. */
export function parseAutomaticLabels(text: string): object {
  const report = JSON.parse(text) as { readonly schemaVersion?: number };
  if (report.schemaVersion !== SCHEMA_VERSIONS.automaticLabels) {
    throw new Error(`automatic.json has schemaVersion ${report.schemaVersion}, not ${SCHEMA_VERSIONS.automaticLabels}`);
  }
  return report;
}
