import { datasetNamed } from "../../catalogue/datasets";
import { auc } from "../../catalogue/datasets/kit/synthetic";
import { labelOf, type Model, models } from "../../catalogue/models";
import { TARGETS } from "../../catalogue/targets";
import { splitOf } from "../../handlers/retraining/prepare/line";
import { UserError } from "../lib/process";
import { endedWell, retrain, runsOf } from "../lib/retraining";
import { sampleOf, uploadSampleData } from "../lib/sample-data";
import type { System } from "../lib/system";
import type { Result } from "./result";
import { latestFrom, readerOf } from "./simulations/training-folder";

const PLAYERS = 20_000;

/** Computes the AUROC of the generator's own probabilities on the players that the evaluation holds out. */
function bestPossibleAuroc(model: Model): number {
  const players = [...sampleOf(datasetNamed(model.dataset), PLAYERS)];
  const [label, { lacks }] = [labelOf(model), readerOf(model)];
  const from = latestFrom(
    model,
    players.map(({ record }) => record),
  );
  const held = players.flatMap(({ record, probability }) => {
    const { value } = label(record) ?? {};
    const isHeldOut = splitOf(record.operatorId, record.playerId) === "test" && Date.parse(record.asOf) < from;
    return value !== undefined && isHeldOut && lacks(record).length === 0 ? [{ probability, label: value }] : [];
  });
  return auc(
    held.map(({ probability }) => probability),
    held.map(({ label }) => label),
  );
}

/**
 * Measures a run of the whole pipeline for each model on many players: how long it takes, and how near a model of risk
 * comes to the best possible AUROC.
 */
export async function measureRetraining(system: System, at: (what: string) => void): Promise<Result[]> {
  await uploadSampleData(system, PLAYERS, at);
  const results: Result[] = [];
  for (const model of models) results.push(...(await measure(system, model, at)));
  return results;
}

async function measure(system: System, model: Model, at: (what: string) => void): Promise<Result[]> {
  const started = performance.now();
  const execution = await retrain(system, [{ model: model.name, force: true }], (state) =>
    at(`${model.name}: ${state}`),
  );
  const milliseconds = performance.now() - started;
  const run = endedWell(execution) ? runsOf(execution)[0] : undefined;
  if (!run?.metrics) throw new UserError(`The run ended as ${execution.status}: ${execution.cause ?? run?.reason}`);
  const time: Result = {
    what: `retraining of ${model.name}`,
    value: milliseconds,
    unit: "ms",
    detail: `${PLAYERS} players, ${run.rows?.train} training rows`,
    limit: { of: "value", atMost: 60_000 },
  };
  if (!TARGETS[model.target].tellsRisk) return [time];
  const auroc = Number(run.metrics["auroc.value"]);
  const best = bestPossibleAuroc(model);
  const distance: Result = {
    what: "its distance to the best possible AUROC",
    value: best - auroc,
    unit: "AUROC",
    detail: `${auroc} of ${best.toFixed(4)} on the same players`,
    limit: { of: "value", atMost: 0.02 },
  };
  return [time, distance];
}
