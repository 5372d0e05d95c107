import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { datasetNamed } from "../../../catalogue/datasets";
import type { SyntheticOptions } from "../../../catalogue/datasets/kit/dataset";
import { type Model, models } from "../../../catalogue/models";
import { RISK_GROUPS } from "../../../catalogue/risk/risk";
import { csvRow } from "../../../handlers/lib/records/csv";
import { benchFolder } from "../folder";
import type { Result } from "../result";
import { median } from "../statistics";
import { linesOf } from "./python";
import { readerOf, writeTraining } from "./training-folder";

const RUNS = 10;
const PLAYERS = 20_000;
const HELD_OUT = 40_000;
const NOW = "2026-11-01T00:00:00Z";

/** What a training's scores are on players that it never saw. */
interface Line {
  /** Of the best possible AUROC. */
  readonly lost: number;
  readonly slope: number;
  readonly intercept: number;
  /** Mean score over true rate. */
  readonly ratio: number;
  /** Shares of the risk groups over the true ones. */
  readonly groups: readonly number[];
  readonly seconds: number;
}

const optionsOf = (seed: number, players: number): SyntheticOptions => ({ seed, players, now: NOW });

/** Writes players of another seed whom the model judges, each with their true probability. */
function writeHeldOut(model: Model, seed: number, folder: string): void {
  const reader = readerOf(model);
  const lines = [...datasetNamed(model.dataset).generate(optionsOf(seed, HELD_OUT))]
    .filter(({ record }) => reader.lacks(record).length === 0)
    .map(({ record, probability }) => csvRow([probability, ...reader.features(record).vector]));
  writeFileSync(join(folder, "held-out.csv"), lines.join("\n"));
}

/** Limits of the median, and what one training must keep in nine of ten. */
const MEASURES = [
  { what: "lost of the best possible AUROC", unit: "AUROC", of: ({ lost }: Line) => lost, least: -1, most: 0.012 },
  { what: "calibration slope", unit: "×", of: ({ slope }: Line) => slope, least: 0.9, most: 1.1 },
  { what: "mean score over true rate", unit: "×", of: ({ ratio }: Line) => ratio, least: 0.9, most: 1.1 },
] as const;

/** Measures how far scores of problem gambling can be believed after a retraining with 20,000 players. */
export async function simulateCalibration(at: (what: string) => void): Promise<Result[]> {
  const results: Result[] = [];
  for (const model of models.filter(({ target }) => target === "problem-gambling")) {
    mkdirSync(benchFolder(), { recursive: true });
    const folder = mkdtempSync(benchFolder("calibration-"));
    try {
      for (let run = 0; run < RUNS; run += 1) {
        at(`${model.name}, players of seed ${run + 1} of ${RUNS}`);
        const players = [...datasetNamed(model.dataset).generate(optionsOf(1001 + run, PLAYERS))];
        await writeTraining(
          model,
          players.map(({ record }) => record),
          join(folder, `${run}`),
        );
      }
      writeHeldOut(model, 999, folder);
      results.push(...resultsOf(model.name, await linesOf<Line>("calibration_runs.py", [folder], at)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  return results;
}

function resultsOf(name: string, lines: readonly Line[]): Result[] {
  const range = (values: readonly number[], digits: number) =>
    `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;
  return [
    ...MEASURES.flatMap(({ what, unit, of, least, most }): Result[] => {
      const values = lines.map(of);
      const kept = values.filter((value) => value >= least && value <= most).length;
      return [
        { what: `${what}, ${name}`, value: median(values), unit, detail: range(values, unit === "×" ? 2 : 4) },
        {
          what: `of it kept, ${name}`,
          value: (100 * kept) / lines.length,
          unit: "%",
          limit: { of: "value", atLeast: 90, atMost: 100 },
        },
      ];
    }),
    ...RISK_GROUPS.map((group, index): Result => {
      const values = lines.map(({ groups }) => groups[index] ?? Number.NaN);
      return {
        what: `share over true share of "${group}", ${name}`,
        value: median(values),
        unit: "×",
        detail: range(values, 2),
      };
    }),
    {
      what: `training, CPU, ${name}`,
      value: 1000 * median(lines.map(({ seconds }) => seconds)),
      unit: "ms",
      limit: { of: "value", atMost: 60_000 },
    },
  ];
}
