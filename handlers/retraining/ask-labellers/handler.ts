import { datasetNamed } from "../../../catalogue/datasets";
import { featureHash } from "../../../catalogue/datasets/kit/dataset";
import { SECONDS_PER_DAY } from "../../../catalogue/datasets/kit/time";
import type { Choice } from "../../../catalogue/labelling/agreement";
import { modelNamed } from "../../../catalogue/models";
import type { Settings } from "../../../contracts/environment";
import { type Input, parseInput } from "../../../contracts/inputs";
import { parseJson } from "../../../contracts/parse";
import { automaticReport, labelledByModel } from "../../../contracts/run-files";
import { bySplit, RUN_FILES, type RunRows, runKey } from "../../../contracts/run-layout";
import type { Buckets, ObjectStore } from "../../lib/aws/objects";
import { groundTruthFiles } from "../../lib/labelling/ground-truth";
import { withLabelled } from "../../lib/labelling/run-rows";
import type { AskingRun, LabelStore } from "../../lib/labelling/store";
import { entryOf } from "../../lib/util/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import { chooseRows, newTask, serialise } from "./logic";

export interface AskLabellersDeps {
  readonly environment: Pick<Settings<"ask-labellers">, "MODEL_BUCKETS" | "LABEL_RETENTION_DAYS">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
  readonly labels: Pick<LabelStore, "ask">;
  /** Tells the execution that waits with this task token to go on. */
  readonly resume: (token: string) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Asked {
  /** The report of the program that labels: what its model did with the other rows. */
  readonly automatic?: unknown;
  /** The run's rows, with those that the labelling model labelled. */
  readonly rows?: RunRows;
  readonly asked: number;
  /** Tasks that still want votes: some may have been voted on for an earlier run. */
  readonly open: number;
}

/** Gives people the rows of a run that nobody has labelled yet. Repeating it asks nobody twice. */
export const createHandler =
  ({ environment, telemetry, buckets, labels, resume, now }: AskLabellersDeps) =>
  async (given: unknown): Promise<Asked> => {
    const input = parseInput("ask-labellers", given);
    const { model: name, runId, from, to, labelling, token, rows: before } = input;
    const model = modelNamed(name);
    const objects = buckets(entryOf(environment, "MODEL_BUCKETS", name));

    const rows = await chooseRows(openedOf(objects, runKey(runId, `${from}/`)), from, labelling.maximumTasks);
    // Written first: whoever collects the labels must find every row that was asked about.
    await objects.put(runKey(runId, RUN_FILES.asked), serialise(rows));
    const dataset = datasetNamed(model.dataset);
    if (to === "ground-truth") {
      for (const [file, body] of groundTruthFiles(dataset, rows)) {
        await objects.put(runKey(runId, `${RUN_FILES.groundTruth}/${file}`), body);
      }
      return { asked: rows.length, open: rows.length };
    }
    const layout = { model: name, dataset: dataset.name, featureHash: featureHash(dataset) };
    const { asked, open } = await labels.ask(
      rows.map((row) => newTask(layout, row)),
      askingRun(input, environment.LABEL_RETENTION_DAYS, now()),
    );
    telemetry.info("asked", { model: name, runId, asked, open });
    if (token !== undefined && open === 0) await resume(token);
    if (from !== RUN_FILES.uncertain || before === undefined) return { asked, open };
    const report = await objects.text(runKey(runId, RUN_FILES.automaticLabels));
    const automatic = parseJson(automaticReport, report, RUN_FILES.automaticLabels);
    const { positive, negative } = parseJson(labelledByModel, report, RUN_FILES.automaticLabels);
    const labelled = {
      rows: { ...NONE, train: positive.labelled + negative.labelled },
      positives: { ...NONE, train: positive.labelled },
      outOfTime: 0,
    };
    return { asked, open, automatic, rows: withLabelled(before, labelled) };
  };

/** How the rows of each folder are chosen. */
const CHOSEN: Readonly<Record<Input<"ask-labellers">["from"], Choice>> = {
  unlabelled: "lot",
  [RUN_FILES.uncertain]: "uncertainty",
};

/** A labelling model labels rows of the train split alone. */
const NONE = bySplit(() => 0);

async function* openedOf({ list, open }: ObjectStore, prefix: string) {
  for await (const { key } of list(prefix)) yield await open(key);
}

function askingRun(
  { model, runId, from, labelling, token }: Input<"ask-labellers">,
  retentionDays: number | undefined,
  now: number,
): AskingRun {
  const { votesToAgree, mostVotes, deadlineInSeconds } = labelling;
  return {
    model,
    runId,
    chosen: CHOSEN[from],
    votesToAgree,
    mostVotes,
    deadline: new Date(now + deadlineInSeconds * 1000).toISOString(),
    ...(token !== undefined && { token }),
    ...(retentionDays !== undefined && { expiresAt: Math.ceil(now / 1000) + retentionDays * SECONDS_PER_DAY }),
  };
}
