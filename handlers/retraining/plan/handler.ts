import { modelNamed } from "../../../catalogue/models";
import { TARGETS } from "../../../catalogue/targets";
import { layoutHash } from "../../../catalogue/training/scaling";
import { RECORDS } from "../../../contracts/data-layout";
import type { Settings } from "../../../contracts/environment";
import { parseInput } from "../../../contracts/inputs";
import type { Parsed } from "../../../contracts/parse";
import { trainedOn } from "../../../contracts/run-files";
import { runKey } from "../../../contracts/run-layout";
import { type Buckets, isNoSuchKey, type ObjectStore, type StoredObject } from "../../lib/aws/objects";
import type { ReadParameter } from "../../lib/aws/parameter";
import type { AgreedLabel, LabelStore } from "../../lib/labelling/store";
import { groupObjects, selectObjects } from "../../lib/records/groups";
import { objectsOf } from "../../lib/records/values";
import { entryOf } from "../../lib/util/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import { changesSince, dataOf, type Plan, parseHistory, plan } from "./logic";

export interface PlanDeps {
  readonly environment: Omit<Settings<"plan">, "LABEL_TABLE">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
  readonly parameter: ReadParameter;
  readonly labels: Pick<LabelStore, "agreedLabels">;
}

/** Finds a model's training data and what is new of them, and chooses the compute. */
export const createHandler =
  ({ environment, telemetry, buckets, parameter, labels: labelStore }: PlanDeps) =>
  async (given: unknown): Promise<Plan> => {
    const input = parseInput("plan", given);
    const model = modelNamed(input.model);
    const bucket = entryOf(environment, "MODEL_BUCKETS", model.name);
    const data = buckets(entryOf(environment, "DATA_BUCKETS", model.dataset));

    const [listed, labels, serving, lastRun] = await Promise.all([
      all<StoredObject>(data.list(RECORDS)),
      TARGETS[model.target].judgedByPeople ? all<AgreedLabel>(labelStore.agreedLabels(model.name)) : [],
      parameter(entryOf(environment, "SERVING_PARAMETERS", model.name)),
      parameter(entryOf(environment, "LAST_RUN_PARAMETERS", model.name)),
    ]);
    const selection = selectObjects(listed);
    const history = parseHistory(serving, lastRun);
    const models = buckets(bucket);
    const changes = await changesSince(
      selection.objects,
      history.lastRun ? dataOfRun(models, history.lastRun.runId) : (async function* () {})(),
    );
    const hash = layoutHash(model);
    const planned = plan(input, model, hash, { ...selection, ...changes }, labels, history, {
      bucket,
      region: environment.REGION,
    });
    const { runId, decision, reason, objects, bytes } = planned;
    if (decision === "train") {
      const { put } = models;
      await Promise.all([
        put(planned.manifestKey, JSON.stringify(groupObjects(selection.objects))),
        put(runKey(runId, "data.json"), dataOf(selection.objects)),
        put(
          runKey(runId, "labels.json"),
          JSON.stringify(Object.fromEntries(labels.map(({ task, label, chosen }) => [task, { label, chosen }]))),
        ),
      ]);
    }
    telemetry.info("planned", { model: model.name, runId, decision, reason, objects, bytes });
    return planned;
  };

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/**
 * Reads what an earlier run has trained on. Nothing, when its files are gone: pruning keeps those of the versions that
 * are kept.
 */
async function* dataOfRun({ open }: ObjectStore, runId: string): AsyncGenerator<Parsed<typeof trainedOn>> {
  try {
    yield* objectsOf(trainedOn, await open(runKey(runId, "data.json")));
  } catch (error) {
    if (!isNoSuchKey(error)) throw error;
  }
}
