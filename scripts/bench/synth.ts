import { rmSync } from "node:fs";
import { CDKTF } from "../lib/cdktf";
import { root } from "../lib/paths";
import { runOrThrow, tail } from "../lib/process";
import { synthesize } from "../lib/synth";
import { benchFolder } from "./folder";
import type { Result } from "./result";
import { alternate, median, milliseconds } from "./statistics";

/** The command costs seconds, the program tenths of one. */
const ROUNDS = { command: 3, program: 7 };

const environmentOf = (out: string) => ({
  ...process.env,
  VWT_ENVIRONMENT: "local",
  VWT_DIST: benchFolder("dist"),
  CDKTF_OUTDIR: benchFolder(out),
  CHECKPOINT_DISABLE: "1",
  CI: "1",
});

/** Runs the program of `cdktf.json` alone, as one whole process, with files of its own. */
export const runSynth = (entry: string, out: string) =>
  synthesize({ environment: "local", output: benchFolder(out), dist: benchFolder("dist"), entry });

/** Runs what a user types: `cdktf synth`, which starts that program. */
const runCommand = (entry: string, out: string) =>
  runOrThrow(
    process.execPath,
    [CDKTF, "synth", "--app", `node modules/bundling/synth.mjs ${entry}`, "--output", benchFolder(out)],
    { cwd: root, env: environmentOf(out), explain: ({ output }) => `${entry} cannot be synthesized:\n${tail(output)}` },
  );

async function measure(start: typeof runSynth, rounds: number, at: (what: string) => void) {
  const synth = (entry: string, out: string) => milliseconds(() => start(entry, out));
  const measured = await alternate(
    rounds,
    {
      empty: () => synth("scripts/bench/entries/empty-app.ts", "empty.out"),
      bundling: () => {
        rmSync(benchFolder("dist", "functions"), { recursive: true, force: true });
        return synth("main.ts", "bundling.out");
      },
      unchanged: () => synth("main.ts", "unchanged.out"),
    },
    at,
  );
  return { empty: median(measured.empty), bundling: median(measured.bundling), unchanged: median(measured.unchanged) };
}

/** The limits are on the command; what the program alone takes is shown beside it, because the command hides much. */
export async function measureSynth(at: (what: string) => void): Promise<Result[]> {
  const command = await measure(runCommand, ROUNDS.command, at);
  const program = await measure(runSynth, ROUNDS.program, at);
  const rows = [
    { how: "cdktf synth", values: command, limited: true },
    { how: "synth program alone", values: program, limited: false },
  ];
  return rows.flatMap(({ how, values, limited }): Result[] => {
    const floor = { name: "empty one-stack app", value: values.empty };
    const row = (what: string, value: number, atMost: number): Result => ({
      what: `${how}, ${what}`,
      value,
      unit: "ms",
      floor,
      ...(limited && { limit: { of: "ratio", atMost } }),
    });
    return [row("handlers unchanged", values.unchanged, 2), row("bundling included", values.bundling, 3)];
  });
}
