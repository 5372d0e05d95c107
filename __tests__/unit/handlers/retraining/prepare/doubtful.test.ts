import { DoubtfulLines } from "../../../../../handlers/retraining/prepare/doubtful";
import type { KnownLine, UsableLine } from "../../../../../handlers/retraining/prepare/line";

const of = (operatorId: string, watchedUntil?: number) => ({ identity: Buffer.alloc(0), operatorId, watchedUntil });
const row = (operatorId: string, value: number, watchedUntil?: number): KnownLine => ({
  ...{
    kind: "row",
    use: "labelled",
    split: "train",
    label: { value, source: "observation" },
    lesson: { answer: value, weight: 1 },
    row: `${value}`,
    context: "",
  },
  ...of(operatorId, watchedUntil),
});
const doubtful = (operatorId: string): UsableLine => ({
  ...{ kind: "doubtful", until: 100, ifWatched: row(operatorId, 1), otherwise: row(operatorId, 0) },
  ...of(operatorId),
});
/** Settles the lines; answers the labels of those that were held back. */
const settled = (...found: readonly UsableLine[]) => {
  const lines = new DoubtfulLines<{ readonly place: number }>();
  for (const [place, line] of found.entries()) {
    const known = lines.settle({ line, place });
    if (line.kind === "doubtful") expect(known).toBeUndefined();
    else expect(known).toEqual({ line, place });
  }
  return lines.rest().map(({ line }) => line.kind === "row" && line.label.value);
};

test.each<[string, readonly UsableLine[], readonly number[]]>([
  ["watched another player to the end", [row("a", 0, 100), doubtful("a")], [1]],
  ["did so in a later line", [doubtful("a"), row("a", 0, 100)], [1]],
  ["watched some longer than others", [row("a", 0, 100), doubtful("a"), row("a", 0, 5)], [1]],
  ["watched nobody for so long", [row("a", 0, 99), doubtful("a")], [0]],
  ["does not say so of anybody", [row("a", 0), doubtful("a")], [0]],
  ["is not the one that did", [row("b", 0, 100), doubtful("a"), doubtful("b")], [0, 1]],
])("a line in doubt is settled by whether its operator %s", (_, lines, expected) => {
  expect(settled(...lines)).toEqual(expected);
});

test("a line that is left out tells how long its operator watched all the same", () => {
  const lines = new DoubtfulLines<object>();
  lines.note(row("a", 0, 100));
  lines.settle({ line: doubtful("a") });
  expect(lines.rest()).toEqual([{ line: row("a", 1) }]);
});
