import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { asTexts } from "../../../catalogue/algorithms/algorithm";
import { hyperparametersOf, modelNamed } from "../../../catalogue/models";
import { benchFolder } from "../folder";
import type { Result } from "../result";
import { rowsOf, type World } from "./hazard/rows";
import { linesOf } from "./python";

/** Players of most operators: whose records are trained on, who are scored, and by whom the best score is estimated. */
const PLAYERS = { trained: 6_000, scored: 12_000, reference: 2_500 };

const WORLDS = {
  "gambling-behaviour-problem-gambling": "gambling-behaviour",
  "before-initial-deposit-problem-gambling": "before-initial-deposit",
} as const satisfies Readonly<Record<string, World>>;

/** Players of an operator, or of all, as the program measures them. */
interface Measured {
  readonly rate: number;
  readonly mean: number;
  readonly slope: number;
  /** Shares of the players from each threshold on: by their score, by the best one, and by their true probability. */
  readonly shares: readonly Readonly<Record<"score" | "best" | "true", number>>[];
}

/**
 * Measures whether scores are the probabilities of the horizon, and risk groups as large as they can be known, for every
 * operator of a world in which players exclude themselves at rates of their own. Features do not tell all of a rate, and
 * less of an operator that leaves much out: what can be held is the best score that sees no more, which is estimated from
 * true probabilities. Of an operator that leaves out what the model needs nobody is judged.
 */
export async function simulateHazard(at: (what: string) => void): Promise<Result[]> {
  const results: Result[] = [];
  for (const [name, world] of Object.entries(WORLDS)) results.push(...(await simulate(name, world, at)));
  return results;
}

async function simulate(name: string, world: World, at: (what: string) => void): Promise<Result[]> {
  const model = modelNamed(name);
  const folder = benchFolder("hazard", name);
  const write = (path: string, body: string | Buffer) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), body);
  };
  rmSync(folder, { recursive: true, force: true });
  at(`${world}: players`);
  const rows = rowsOf(model, world);
  const { parts } = await rows.prepared(PLAYERS.trained);
  for (const { key, body } of parts) write(join("input", "data", key), body);
  write(join("input", "config", "hyperparameters.json"), JSON.stringify(asTexts(hyperparametersOf(model))));
  write("reference.csv", rows.withTruth(PLAYERS.reference, 1).join("\n"));
  write("scored.csv", rows.withTruth(PLAYERS.scored, 2).join("\n"));
  at(`${world}: training and scores`);
  const groups = Object.entries(model.riskThresholds ?? {});
  const measured = await linesOf<Measured>("hazard.py", [folder, ...groups.map(([, least]) => String(least))], at);
  return measured.flatMap(({ rate, mean, slope, shares }, index) => {
    const operator = rows.judged[index];
    const whose = `${world}, ${operator?.name ?? "all operators"}`;
    // One operator's players have some fifty of the last group, which is no number to compare.
    const compared = operator ? groups.slice(0, -1) : groups;
    return [
      {
        what: `mean score over true rate: ${whose}`,
        value: mean / rate,
        unit: "×",
        detail: `${percent(rate)}, slope ${slope.toFixed(2)}`,
        limit: { of: "value", atLeast: 0.9, atMost: 1.1 },
      },
      ...compared.map(([group], place): Result => {
        const share = shares[place] ?? { score: Number.NaN, best: Number.NaN, true: Number.NaN };
        return {
          what: `share from ${group} on over that by the best score: ${whose}`,
          value: share.score / share.best,
          unit: "×",
          detail: `${percent(share.score)}, truly ${percent(share.true)}, ${(share.score / share.true).toFixed(2)} of it`,
          limit: { of: "value", atLeast: 0.8, atMost: 1.2 },
        };
      }),
    ];
  });
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
