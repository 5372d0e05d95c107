import type { Dataset } from "../../../catalogue/datasets/kit/dataset";
import { ANSWERS, labelOf } from "../../../catalogue/labelling/agreement";
import { object, optional, text } from "../../../contracts/parse";
import type { Unlabelled } from "../../../contracts/run-layout";
import { parseRow } from "../records/csv";
import { parseLines } from "../records/lines";
import type { TaskState } from "./store";

/** Writes what a worker sees of a player: the features that are known. No pseudonym, because workers may be anybody. */
function textOf(dataset: Pick<Dataset, "features">, row: string): string {
  const values = parseRow(row);
  return dataset.features
    .flatMap(({ description, unit }, index) => {
      const value = values[index] ?? null;
      return value === null ? [] : [`${description}: ${Number(value.toPrecision(4))} ${unit}`];
    })
    .join("\n");
}

/** The files that a labelling job reads: input manifest, label categories, and the workers' page. */
export function groundTruthFiles(
  dataset: Pick<Dataset, "features">,
  rows: readonly Unlabelled[],
): ReadonlyMap<string, string> {
  const lines = rows.map(({ task, row }) => JSON.stringify({ source: textOf(dataset, row), task }));
  const categories = { "document-version": "2018-11-28", labels: ANSWERS.map((label) => ({ label })) };
  return new Map([
    ["input.manifest", lines.map((line) => `${line}\n`).join("")],
    ["categories.json", JSON.stringify(categories)],
    ["template.liquid.html", TEMPLATE],
  ]);
}

/** Ground Truth's own elements; `task.input` is what AWS's pre-annotation function for texts makes of `source`. */
const TEMPLATE = `<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <crowd-classifier name="crowd-classifier" categories="{{ task.input.labels | to_json | escape }}"
    header="Does this player have a gambling problem?">
    <classification-target style="white-space: pre-wrap">{{ task.input.taskObject }}</classification-target>
    <full-instructions header="How to judge">
      Look at frequency, losses that are chased, night play, and limits that were raised or reached.
      Choose cannot-tell where the figures do not say.
    </full-instructions>
    <short-instructions>Judge from the figures.</short-instructions>
  </crowd-classifier>
</crowd-form>
`;

const answered = object({
  task: text,
  "answer-metadata": optional(object({ "class-name": optional(text) })),
});

/** Reads what the job's output manifest says of each task. A line without an answer is an open task. */
export const groundTruthStates = (manifest: string): ReadonlyMap<string, TaskState> =>
  new Map(
    parseLines(answered, manifest, "output.manifest").map(
      ({ task, "answer-metadata": metadata }): [string, TaskState] => {
        const name = metadata?.["class-name"];
        if (name === undefined) return [task, { status: "open" }];
        const label = labelOf(name);
        return [task, label === undefined ? { status: "disputed" } : { status: "agreed", label, chosen: "lot" }];
      },
    ),
  );
