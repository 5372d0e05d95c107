import type { Dataset, RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import { labellingTask } from "../../../catalogue/labelling/modes";
import { labelOf, models } from "../../../catalogue/models";
import { TARGETS } from "../../../catalogue/targets";
import { scalingOf } from "../../../catalogue/training/scaling";
import type { Settings } from "../../../contracts/environment";
import { type Input, parseInput } from "../../../contracts/inputs";
import { parseJson } from "../../../contracts/parse";
import { agreedLabels, timeCut } from "../../../contracts/run-files";
import { type Counts, groupName, RUN_FILES, runKey, SPLITS } from "../../../contracts/run-layout";
import type { Buckets, ObjectStore } from "../../lib/aws/objects";
import type { LambdaContext } from "../../lib/http/api-gateway";
import { recordReader } from "../../lib/records/records";
import { entryOf, moneyOf } from "../../lib/util/environment";
import { refuseLate } from "../../lib/util/late";
import type { Telemetry } from "../../lib/util/telemetry";
import type { GroupOptions } from "./group";
import { createLineReader } from "./line";
import { prepare } from "./logic";
import { modelReader } from "./model-reader";

export interface PrepareDeps {
  readonly environment: Settings<"prepare">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
}

/** Makes training rows of a group of objects with a dataset's records. */
export function createHandler<R extends RecordIdentity, N extends string>(
  dataset: Dataset<R, N>,
  { environment, telemetry, buckets }: PrepareDeps,
) {
  const reader = recordReader(dataset, moneyOf(environment));

  return async (given: unknown, context: LambdaContext): Promise<Counts> => {
    const input = parseInput("prepare", given);
    const model = models.find(({ name }) => name === input.model);
    if (model?.dataset !== dataset.name) throw new Error(`${input.model} is no model of ${dataset.name}`);
    const data = buckets(entryOf(environment, "DATA_BUCKETS", dataset.name));
    const work = buckets(entryOf(environment, "MODEL_BUCKETS", model.name));

    const beforeChunk = refuseLate(
      context,
      (key) => `${key} is too large for one run of the function; split it into smaller objects`,
    );
    const { judgedByPeople: keepUnlabelled } = TARGETS[model.target];
    const agreed = keepUnlabelled
      ? parseJson(agreedLabels, await work.text(runKey(input.runId, "labels.json")), "labels.json")
      : undefined;
    const readLine = createLineReader(
      modelReader(model, reader),
      labelOf(model),
      (record) => labellingTask(model.name, record),
      agreed,
      scalingOf(model),
    );
    const revision = input.again ? await clearForAnother(input, work) : undefined;
    const counts = await prepare(input, data.open, readLine, work.put, {
      beforeChunk,
      keepUnlabelled,
      newSince: input.newSince,
      ...(revision && { revision }),
    });

    const { rows, outOfTime, unlabelled, unused, duplicates, rejected, lines } = counts;
    const { runId, keys } = input;
    telemetry.info("prepared", {
      model: model.name,
      runId,
      objects: keys.length,
      ...rows,
      outOfTime,
      unlabelled,
      unused,
      duplicates,
      rejected,
      lines,
    });
    telemetry.measure("model", model.name, {
      TrainingRows: rows.train + rows.validation + rows.test + outOfTime,
      TrainingRowsRejected: rejected,
    });
    return counts;
  };
}

/** Folders whose parts may become fewer. */
const FOLDERS = [...SPLITS, "context", "unlabelled"] as const;

/** Removes what the group has left, because it may leave less now. Returns what is to become of its records. */
async function clearForAnother(
  { runId, keys }: Input<"prepare">,
  work: ObjectStore,
): Promise<NonNullable<GroupOptions["revision"]>> {
  const group = groupName(keys[0]);
  const files: Buffer[] = [];
  for await (const { key } of work.list(`${runKey(runId, "revisions")}/${group}-`)) files.push(await work.bytes(key));
  const { from } = parseJson(timeCut, await work.text(runKey(runId, RUN_FILES.cut)), RUN_FILES.cut);
  for (const folder of FOLDERS) await work.removeAll(`${runKey(runId, folder)}/${group}-`);
  return { files, from: from ?? Number.POSITIVE_INFINITY };
}
