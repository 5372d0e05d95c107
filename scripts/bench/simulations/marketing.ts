import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { datasetNamed } from "../../../catalogue/datasets";
import type { TrainingRecord } from "../../../catalogue/datasets/kit/dataset";
import { type Model, modelNamed } from "../../../catalogue/models";
import { scalingOf } from "../../../catalogue/training/scaling";
import type { Result } from "../result";
import { linesOf } from "./python";
import { generateStakes, WORLDS } from "./stake-worlds";
import { writeTraining } from "./training-folder";

const PLAYERS = 20_000;
const SEEDS = 10;
const NOW = "2026-11-01T00:00:00Z";

interface Measured {
  readonly gini: number;
  readonly deviance: number;
  readonly ratioOfSums: number;
  /** Of the best feature alone. */
  readonly best: { readonly gini: number; readonly deviance: number; readonly feature: number };
}

type World = keyof typeof WORLDS | "ours";

function recordsOf(world: World, { dataset }: Model, seed: number): readonly TrainingRecord[] {
  const options = { seed, players: PLAYERS, now: NOW };
  if (world !== "ours") return [...generateStakes(world, options)];
  return [...datasetNamed(dataset).generate(options)].map(({ record }) => record);
}

async function measure(world: World, model: Model, seed: number, at: (what: string) => void): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), "vwt-marketing-"));
  try {
    await writeTraining(model, recordsOf(world, model, seed), folder);
    const [measured] = await linesOf<Measured>("marketing.py", [folder, JSON.stringify(scalingOf(model))], at);
    return measured as Measured;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Measures in how many of ten seeds marketing, trained on 20,000 players, has a better Gini and a better Tweedie deviance
 * than any of its features alone: of our generator's players, and of worlds that did not shape the features.
 */
export async function simulateMarketing(at: (what: string) => void): Promise<Result[]> {
  const model = modelNamed("gambling-behaviour-marketing");
  const results: Result[] = [];
  for (const world of ["ours", ...Object.keys(WORLDS)] as World[]) {
    const found: Measured[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      at(`${world}, seed ${seed} of ${SEEDS}`);
      found.push(await measure(world, model, seed, at));
    }
    const mean = (of: (each: Measured) => number) => found.reduce((sum, each) => sum + of(each), 0) / SEEDS;
    const beats = (metric: string, better: (each: Measured) => boolean, model: number, best: number): Result => ({
      what: `${world}: seeds with a better ${metric} than any feature's`,
      value: (100 * found.filter(better).length) / SEEDS,
      unit: "%",
      detail: `means ${model.toFixed(4)}, ${best.toFixed(4)}`,
      limit: { of: "value", atLeast: 90, atMost: 100 },
    });
    results.push(
      beats(
        "Gini",
        ({ gini, best }) => gini > best.gini,
        mean(({ gini }) => gini),
        mean(({ best }) => best.gini),
      ),
      beats(
        "deviance",
        ({ deviance, best }) => deviance < best.deviance,
        mean(({ deviance }) => deviance),
        mean(({ best }) => best.deviance),
      ),
      {
        what: `${world}: ratio of sums`,
        value: mean(({ ratioOfSums }) => ratioOfSums),
        unit: "×",
        detail: found.map(({ ratioOfSums }) => ratioOfSums.toFixed(2)).join(" "),
        limit: { of: "value", atLeast: 0.8, atMost: 1.25 },
      },
    );
  }
  return results;
}
