import type { Settings } from "../../../contracts/environment";
import { type Input, parseInput } from "../../../contracts/inputs";
import { unlabelled } from "../../../contracts/run-files";
import { RUN_FILES, type RunRows, runKey } from "../../../contracts/run-layout";
import type { Buckets } from "../../lib/aws/objects";
import { groundTruthStates } from "../../lib/labelling/ground-truth";
import { withLabelled } from "../../lib/labelling/run-rows";
import type { LabelStore, TaskState } from "../../lib/labelling/store";
import { parseLines } from "../../lib/records/lines";
import { entryOf } from "../../lib/util/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import { type Collected, collect } from "./logic";

export interface CollectedLabels {
  /** The run's rows, with those that people labelled. */
  readonly rows: RunRows;
  /** What came of asking them. */
  readonly people: Pick<Collected, "asked" | "agreed" | "disputed" | "open">;
}

export interface CollectLabelsDeps {
  readonly environment: Pick<Settings<"collect-labels">, "MODEL_BUCKETS">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
  readonly labels: Pick<LabelStore, "close" | "tasks">;
}

/** Makes training rows of what people agreed on. The run no longer waits: later answers serve the next one. */
export const createHandler =
  ({ environment, telemetry, buckets, labels }: CollectLabelsDeps) =>
  async (input: unknown): Promise<CollectedLabels> => {
    const { model, runId, from, job, rows } = parseInput("collect-labels", input);
    const objects = buckets(entryOf(environment, "MODEL_BUCKETS", model));
    const asked = parseLines(unlabelled, await objects.text(runKey(runId, RUN_FILES.asked)), RUN_FILES.asked);

    type States = Readonly<Record<Input<"collect-labels">["from"], () => Promise<ReadonlyMap<string, TaskState>>>>;
    const states: States = {
      people: async () => {
        await labels.close(model, runId);
        return labels.tasks(asked.map(({ task }) => task));
      },
      "ground-truth": async () => {
        const output = `${RUN_FILES.groundTruth}/output/${job}/manifests/output/output.manifest` as const;
        return groundTruthStates(await objects.text(runKey(runId, output)));
      },
    };
    const { files, collected } = collect(asked, await states[from]());
    for (const [file, body] of files) await objects.put(runKey(runId, file), body);
    const { rows: _, positives: __, outOfTime: ___, ...people } = collected;
    telemetry.info("collected", { model, runId, ...people });
    return { rows: withLabelled(rows, collected), people };
  };
