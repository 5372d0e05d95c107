import { rmSync } from "node:fs";
import { join } from "node:path";
import { KEPT } from "../../modules/bundling/kept.cjs";
import { CDKTF } from "../lib/cdktf";
import { root } from "../lib/paths";
import { runOrThrow, tail } from "../lib/process";
import { PROGRAM, synthesize } from "../lib/synth";
import { benchFolder } from "./folder";
import type { Result } from "./result";
import { alternate, median, milliseconds } from "./statistics";

/** The command costs seconds, the program tenths of one. */
const ROUNDS = { command: 3, program: 9 };

/** A project of one empty stack, which starts as ordinary projects do. */
const EMPTY = join("scripts", "bench", "entries", "empty-app.mjs");

const environmentOf = (out: string) => ({
  ...process.env,
  VWT_ENVIRONMENT: "local",
  VWT_DIST: benchFolder("dist"),
  CDKTF_OUTDIR: benchFolder(out),
  CHECKPOINT_DISABLE: "1",
  CI: "1",
});

/** Runs a program alone, as one whole process, with files of its own. */
export const runSynth = (program: string, out: string) =>
  synthesize({ environment: "local", output: benchFolder(out), dist: benchFolder("dist"), program });

/** Runs what a user types: `cdktf synth`, which starts a program. */
const runCommand = (program: string, out: string) =>
  runOrThrow(process.execPath, [CDKTF, "synth", "--app", `node ${program}`, "--output", benchFolder(out)], {
    cwd: root,
    env: environmentOf(out),
    explain: ({ output }) => `${program} cannot be synthesized:\n${tail(output)}`,
  });

const remove = (folder: string) => rmSync(folder, { recursive: true, force: true });

function measure(start: typeof runSynth, rounds: number, at: (what: string) => void) {
  const ours = (...without: readonly string[]) => {
    without.forEach(remove);
    return milliseconds(() => start(PROGRAM, "ours.out"));
  };
  const functions = benchFolder("dist", "functions");
  return alternate(
    rounds,
    {
      empty: () => milliseconds(() => start(EMPTY, "empty.out")),
      first: () => ours(functions, join(root, KEPT)),
      bundling: () => ours(functions),
      unchanged: () => ours(),
    },
    at,
  );
}

/** Measures the command that people type and, because it hides much, the program that it starts. */
export async function measureSynth(at: (what: string) => void): Promise<Result[]> {
  const command = await measure(runCommand, ROUNDS.command, at);
  const program = await measure(runSynth, ROUNDS.program, at);
  const rows = [
    { how: "cdktf synth", values: command, most: { unchanged: 2, bundling: 3 } },
    { how: "synth program alone", values: program, most: { unchanged: 2, bundling: 4 } },
  ];
  return rows.flatMap(({ how, values, most }): Result[] => {
    const floor = { name: "empty one-stack app", value: median(values.empty) };
    const row = (what: string, measured: readonly number[], atMost?: number): Result => ({
      what: `${how}, ${what}`,
      value: median(measured),
      unit: "ms",
      floor,
      ...(atMost !== undefined && { limit: { of: "ratio", atMost } }),
    });
    return [
      row("handlers unchanged", values.unchanged, most.unchanged),
      row("bundling included", values.bundling, most.bundling),
      row("nothing kept", values.first),
    ];
  });
}
