import { datasetNamed } from "../../catalogue/datasets";
import { auc } from "../../catalogue/datasets/kit/synthetic";
import { labelOf, modelNamed } from "../../catalogue/models";
import { splitOf } from "../../handlers/retraining/prepare/line";
import { UserError } from "../lib/process";
import { endedWell, retrain, runsOf } from "../lib/retraining";
import { sampleOf, uploadSampleData } from "../lib/sample-data";
import type { System } from "../lib/system";
import type { Result } from "./result";

const PLAYERS = 20_000;
const DATASET = "gambling-behaviour";
const MODEL = "gambling-behaviour-problem-gambling";

/** Computes the AUROC of the generator's own probabilities on the players that the evaluation holds out. */
function bestPossibleAuroc(): number {
  const held = [...sampleOf(datasetNamed(DATASET), PLAYERS)].flatMap(({ record, probability }) => {
    const label = labelOf(modelNamed(MODEL))(record);
    return label && splitOf(record.operatorId, record.playerId) === "test" ? [{ probability, label: label.value }] : [];
  });
  return auc(
    held.map(({ probability }) => probability),
    held.map(({ label }) => label),
  );
}

/**
 * Measures one run of the whole pipeline on many players: how long it takes, and how near it comes to the best possible
 * AUC.
 */
export async function measureRetraining(system: System, at: (what: string) => void): Promise<Result[]> {
  await uploadSampleData(system, PLAYERS, at, [DATASET]);
  const started = performance.now();
  const execution = await retrain(system, [{ model: MODEL, force: true }], at);
  const milliseconds = performance.now() - started;
  const run = endedWell(execution) ? runsOf(execution)[0] : undefined;
  const auroc = Number(run?.metrics?.["auroc.value"]);
  if (!auroc) throw new UserError(`The run ended as ${execution.status}: ${execution.cause ?? run?.reason}`);
  const best = bestPossibleAuroc();
  return [
    {
      what: `retraining of ${MODEL}`,
      value: milliseconds,
      unit: "ms",
      detail: `${PLAYERS} players, ${run?.rows?.train} training rows`,
      limit: { of: "value", atMost: 90_000 },
    },
    {
      what: "its distance to the best possible AUROC",
      value: best - auroc,
      unit: "AUROC",
      detail: `${auroc} of ${best.toFixed(4)} on the same players`,
      limit: { of: "value", atMost: 0.02 },
    },
  ];
}
