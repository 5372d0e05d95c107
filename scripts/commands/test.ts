import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { conformanceLine, keptConformance } from "../lib/conformance";
import { fuzzLines } from "../lib/fuzzing";
import { main } from "../lib/main";
import { TEST_SYSTEM } from "../lib/names";
import { local, root } from "../lib/paths";
import { prerequisite, pythonEnvironment } from "../lib/prerequisites";
import { type Finished, run } from "../lib/process";
import { step, timingTable } from "../lib/progress";

interface Count {
  readonly passed: number;
  readonly failed: number;
}

interface Part {
  readonly title: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Reads how many tests there were; without it the part counts as one. */
  readonly count?: (finished: Finished) => Count;
}

const reports = local("reports");
const bin = (name: string) => join(root, "node_modules", ".bin", name);

function jest(projects: readonly string[], ...flags: readonly string[]): Part {
  const report = join(reports, `${projects.join("-")}.json`);
  return {
    title: `${projects.join(" and ")} tests`,
    program: bin("jest"),
    args: ["--selectProjects", ...projects, "--json", "--outputFile", report, ...flags],
    count: () => {
      const result = JSON.parse(readFileSync(report, "utf8")) as Record<string, number>;
      return {
        passed: result.numPassedTests ?? 0,
        // A file that could not even be loaded has no tests to fail.
        failed: (result.numFailedTests ?? 0) + (result.numRuntimeErrorTestSuites ?? 0),
      };
    },
  };
}

function pytest(python: string): Part {
  const report = join(reports, "python.xml");
  return {
    title: "Python tests",
    program: python,
    args: ["-m", "pytest", "-q", `--junitxml=${report}`],
    count: () => {
      const suite = readFileSync(report, "utf8").match(/<testsuite [^>]*>/)?.[0] ?? "";
      const number = (name: string) => Number(suite.match(new RegExp(` ${name}="(\\d+)"`))?.[1] ?? 0);
      const failed = number("failures") + number("errors");
      return { passed: number("tests") - failed - number("skipped"), failed };
    },
  };
}

const checks = (python: string): readonly Part[] => [
  { title: "type check", program: bin("tsc"), args: ["-p", "."] },
  { title: "lint", program: bin("biome"), args: ["check", "--error-on-warnings"] },
  { title: "dead code", program: bin("knip"), args: [] },
  { title: "Python lint", program: python, args: ["-m", "ruff", "check"] },
  { title: "Python format", program: python, args: ["-m", "ruff", "format", "--check"] },
  { title: "Python type check", program: python, args: ["-m", "mypy"] },
];

const failures: string[] = [];
const fuzzed: string[] = [];

/** A shell tells what its children's CPU time was, and theirs, which Node.js does not. */
const TIMED = 'file=$1; shift; "$@"; code=$?; times >"$file"; exit $code';

/** User and system time of a shell's children, in seconds, from what its `times` wrote. */
function cpuSecondsIn(file: string): number {
  const [, children = ""] = readFileSync(file, "utf8").split("\n");
  const times = [...children.matchAll(/(\d+)m([\d.,]+)s/g)];
  return times.reduce(
    (total, [, minutes, seconds = ""]) => total + Number(minutes) * 60 + Number.parseFloat(seconds),
    0,
  );
}

async function runPart({ title, program, args, count }: Part, env: NodeJS.ProcessEnv): Promise<Count> {
  const finished = await step(
    title,
    async ({ spent }) => {
      const times = join(reports, `${title}.times`);
      const done = await run("sh", ["-c", TIMED, "sh", times, program, ...args], { cwd: root, env });
      if (existsSync(times)) spent(cpuSecondsIn(times));
      return done;
    },
    ({ code }) => code === 0,
  ).catch((error: Error) => ({ code: 1, output: error.message, stdout: "" }));
  const ok = finished.code === 0;
  fuzzed.push(...fuzzLines(finished.output));
  if (!ok) failures.push(`── ${title} failed ──\n${finished.output.trimEnd()}`);
  try {
    const counted = count?.(finished) ?? { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
    return ok || counted.failed > 0 ? counted : { ...counted, failed: 1 };
  } catch {
    return { passed: 0, failed: 1 }; // It ended before it could report.
  }
}

/**
 * Type check, lint, unit, synth, Python and end-to-end tests. The last mostly wait, so they run beside the others; these
 * take one core of two, because more would only make all of them slower.
 */
main("test", async () => {
  process.env.CI ??= "1";
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const python = await step("Set-up", async ({ at }) => {
    await prerequisite("terraform");
    return pythonEnvironment(at);
  });
  const env = { ...process.env, VWT_PYTHON: python, FORCE_COLOR: "0" };
  const quick = [...checks(python), jest(["unit", "synth"], "--maxWorkers=50%"), pytest(python)];
  const [counts, endToEnd] = await Promise.all([
    quick.reduce<Promise<Count[]>>(
      async (done, part) => [...(await done), await runPart(part, env)],
      Promise.resolve([]),
    ),
    runPart(jest(["e2e"], "--runInBand"), env),
  ]);
  const all = [...counts, endToEnd];
  const passed = all.reduce((total, each) => total + each.passed, 0);
  const failed = all.reduce((total, each) => total + each.failed, 0);
  for (const failure of failures) console.log(`\n${failure}`);
  console.log(`\n${timingTable("part")}\n`);
  console.log(`${fuzzed.join("\n")}\n`);
  console.log(`${conformanceLine(keptConformance(TEST_SYSTEM))}\n`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
});
