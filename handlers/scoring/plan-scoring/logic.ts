import type { Model } from "../../../catalogue/models";
import { partsFor } from "../../../catalogue/scoring";
import { layoutHash } from "../../../catalogue/training/scaling";
import { RECORDS } from "../../../contracts/data-layout";
import type { Input } from "../../../contracts/inputs";
import { type ScoringModel, scoringKeys } from "../../../contracts/scoring-layout";
import { parseServingRecord } from "../../../contracts/serving-record";
import { type Selection, unpackedBytes } from "../../lib/records/groups";
import { runId } from "../../lib/util/run-id";

/** The plan of a scoring, as the state machine keeps it. */
export interface ScoringPlan {
  readonly runId: string;
  readonly decision: "score" | "skip";
  readonly reason: string;
  /** Day that the scoring is of, in UTC. */
  readonly date: string;
  readonly manifestKey: string;
  readonly partsKey: string;
  readonly parts: number;
  readonly objects: number;
  /** The models that score, in the order of the catalogue. */
  readonly models: readonly ScoringModel[];
  /** The models that cannot, and why, in words; empty when all can. */
  readonly leftOut: string;
}

/** What serves of a model, or why it cannot score. */
export type Found = { readonly serving: ScoringModel } | { readonly problem: string };

/** Reads what a model's serving record says it serves: a version of other features than the rows' must never be asked. */
export function findServing(model: Model, record: string): Found {
  const { name } = model;
  try {
    const { modelVersion, modelName, featureHash } = parseServingRecord(
      record,
      "modelVersion",
      "modelName",
      "featureHash",
    );
    const layout = layoutHash(model);
    return featureHash === layout
      ? { serving: { model: name, modelVersion, modelName } }
      : { problem: `${name}: version ${modelVersion} was trained on features ${featureHash}, the rows have ${layout}` };
  } catch (error) {
    return { problem: `${name}: ${(error as Error).message}` };
  }
}

/** Plans a scoring of all players. Throws when there are records, and no model that could score them. */
export function planScoring(
  { dataset, execution, startedAt }: Input<"plan-scoring">,
  { objects, ignored }: Selection,
  found: readonly Found[],
): ScoringPlan {
  const id = runId({ execution, of: dataset, startedAt });
  const models = found.flatMap((each) => ("serving" in each ? [each.serving] : []));
  const leftOut = found.flatMap((each) => ("problem" in each ? [each.problem] : [])).join("; ");
  if (objects.length > 0 && models.length === 0) {
    throw new Error(`no model of ${dataset} can score: ${leftOut}; retrain one`);
  }
  const { manifest, parts } = scoringKeys(id);
  const bytes = objects.reduce((sum, { size }) => sum + size, 0);
  const said =
    objects.length > 0
      ? `${bytes} bytes in ${objects.length} object${objects.length === 1 ? "" : "s"}`
      : `no data under ${RECORDS}`;
  return {
    runId: id,
    decision: objects.length > 0 ? "score" : "skip",
    reason: ignored === "" ? said : `${said}; only *.jsonl and *.jsonl.gz are read, ignored are ${ignored}`,
    date: new Date(startedAt).toISOString().slice(0, 10),
    manifestKey: manifest,
    partsKey: parts,
    parts: partsFor(unpackedBytes(objects)),
    objects: objects.length,
    models,
    leftOut,
  };
}
