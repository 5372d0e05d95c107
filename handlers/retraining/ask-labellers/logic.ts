import type { Input } from "../../../contracts/inputs";
import { parseJson } from "../../../contracts/parse";
import { unlabelled } from "../../../contracts/run-files";
import type { Unlabelled } from "../../../contracts/run-layout";
import type { NewTask } from "../../lib/labelling/items";
import { parseRow } from "../../lib/records/csv";
import { LineSplitter } from "../../lib/records/lines";

/** Many times a row's length. */
const MAX_LINE_BYTES = 100_000;

const byTask = (one: Unlabelled, other: Unlabelled) => (one.task < other.task ? -1 : 1);

/**
 * Chooses the rows that people are asked about, at most `most`, from objects of JSON Lines: of all unlabelled rows those
 * whose tasks' names come first (hashes, so that the choice says nothing of the players), of those that a labelling model
 * is unsure of the first. Memory is bounded by `most`. Throws when a line is no such row.
 */
export async function chooseRows(
  objects: AsyncIterable<AsyncIterable<Buffer>>,
  from: Input<"ask-labellers">["from"],
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
      rows.push(parseJson(unlabelled, line, `line ${number} of the rows to label`));
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
