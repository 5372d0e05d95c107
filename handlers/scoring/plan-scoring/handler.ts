import { models } from "../../../catalogue/models";
import { RECORDS } from "../../../contracts/data-layout";
import type { Settings } from "../../../contracts/environment";
import { parseInput } from "../../../contracts/inputs";
import type { PartItem } from "../../../contracts/scoring-layout";
import type { Buckets, StoredObject } from "../../lib/aws/objects";
import type { ReadParameter } from "../../lib/aws/parameter";
import { groupObjects, selectObjects } from "../../lib/records/groups";
import { entryOf } from "../../lib/util/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import { findServing, planScoring, type ScoringPlan } from "./logic";

export interface PlanScoringDeps {
  readonly environment: Settings<"plan-scoring">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
  readonly parameter: ReadParameter;
}

/** Finds a dataset's records and the models that score them, and divides the work. */
export const createHandler =
  ({ environment, telemetry, buckets, parameter }: PlanScoringDeps) =>
  async (given: unknown): Promise<ScoringPlan> => {
    const input = parseInput("plan-scoring", given);
    const data = buckets(entryOf(environment, "DATA_BUCKETS", input.dataset));
    const listed: StoredObject[] = [];
    for await (const object of data.list(RECORDS)) listed.push(object);
    const selection = selectObjects(listed);
    const found = await Promise.all(
      models
        .filter(({ dataset }) => dataset === input.dataset)
        .map(async (model) =>
          findServing(model, await parameter(entryOf(environment, "SERVING_PARAMETERS", model.name))),
        ),
    );
    const plan = planScoring(input, selection, found);
    if (plan.decision === "score") {
      const items = Array.from({ length: plan.parts }, (_, part): PartItem => ({ part }));
      await Promise.all([
        data.put(plan.manifestKey, JSON.stringify(groupObjects(selection.objects))),
        data.put(plan.partsKey, JSON.stringify(items)),
      ]);
    }
    const { runId, decision, reason, objects, parts, leftOut } = plan;
    telemetry.info("planned", { dataset: input.dataset, runId, decision, reason, objects, parts, leftOut });
    return plan;
  };
