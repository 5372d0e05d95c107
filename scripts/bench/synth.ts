import { rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/paths";
import { runOrThrow, tail } from "../lib/process";
import { benchFolder } from "./folder";
import type { Result } from "./result";
import { alternate, median, milliseconds } from "./statistics";

const ROUNDS = 7;

/** One whole process, started as `cdktf synth` starts it, with files of its own. */
export const runSynth = (entry: string, out: string) =>
  runOrThrow(process.execPath, [join("scripts", "synth.mjs"), entry], {
    cwd: root,
    env: { ...process.env, VWT_ENVIRONMENT: "local", VWT_DIST: benchFolder("dist"), CDKTF_OUTDIR: benchFolder(out) },
    explain: ({ output }) => `${entry} could not be synthesized:\n${tail(output)}`,
  });

const synth = (entry: string, out: string) => milliseconds(() => runSynth(entry, out));

export async function measureSynth(at: (what: string) => void): Promise<Result[]> {
  const measured = await alternate(
    ROUNDS,
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
  const floor = { name: "empty one-stack app", value: median(measured.empty) };
  return [
    {
      what: "synth of all stacks, handlers unchanged",
      value: median(measured.unchanged),
      unit: "ms",
      floor,
      limit: { of: "ratio", atMost: 2 },
    },
    {
      what: "synth of all stacks, bundling included",
      value: median(measured.bundling),
      unit: "ms",
      floor,
      limit: { of: "ratio", atMost: 3 },
    },
  ];
}
