import { root } from "../../lib/paths";
import { pythonEnvironment } from "../../lib/prerequisites";
import { runOrThrow, tail } from "../../lib/process";

/**
 * Runs a program of `containers/tests` on one core, with the jobs' packages to import, and gives the JSON that it prints
 * line by line.
 *
 * @typeParam Line - What the program prints; it is ours, so nothing parses its lines further.
 */
export async function linesOf<Line>(
  program: `${string}.py`,
  args: readonly string[],
  at: (what: string) => void,
): Promise<Line[]> {
  const python = await pythonEnvironment(at);
  const { stdout } = await runOrThrow(python, [`containers/tests/${program}`, ...args], {
    cwd: root,
    env: { ...process.env, OMP_NUM_THREADS: "1", PYTHONPATH: "containers/jobs:containers/common:containers/xgboost" },
    explain: ({ output }) => `${program} ended with an error:\n${tail(output)}`,
  });
  return stdout
    .trim()
    .split("\n")
    .map((line): Line => JSON.parse(line));
}
