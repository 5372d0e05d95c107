import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fuzzLines } from "./fuzzing";
import { local, root } from "./paths";
import { KEEPS_COMPILED, prerequisite, pythonEnvironment } from "./prerequisites";
import { type Finished, run } from "./process";
import { step, timingTable } from "./progress";

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

/**
 * Jest makes and drops whole worlds of modules. By itself V8 looks through 16 MB of young objects again and again, with
 * a thread for each core; this takes a seventh of the CPU time away.
 */
const RARELY_COLLECTING = ["--max-semi-space-size=64", "--single-threaded-gc"];

const JEST = [...RARELY_COLLECTING, join(root, "node_modules", "jest", "bin", "jest.js")];

/** Projects of `jest.config.cjs`. */
type Project = "unit" | "synth" | "e2e" | "production";

function jest(projects: readonly Project[], ...flags: readonly string[]): Part {
  const report = join(reports, `${projects.join("-")}.json`);
  return {
    title: `${projects.join(" and ")} tests`,
    program: process.execPath,
    args: [...JEST, "--selectProjects", ...projects, "--json", "--outputFile", report, ...flags],
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

const TYPES_AND_LINT: readonly Part[] = [
  // With a thread for each core, every one of them reads the libraries' types again.
  { title: "type check", program: bin("tsc"), args: ["-p", ".", "--singleThreaded"] },
  { title: "lint", program: bin("biome"), args: ["check", "--error-on-warnings"] },
  { title: "dead code", program: bin("knip"), args: [] },
];

const pythonChecks = (python: string): readonly Part[] => [
  { title: "Python lint", program: python, args: ["-m", "ruff", "check"] },
  { title: "Python format", program: python, args: ["-m", "ruff", "format", "--check"] },
  { title: "Python type check", program: python, args: ["-m", "mypy"] },
];

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

interface PartResult extends Count {
  /** What people have to read: why it failed. */
  readonly failure?: string;
  readonly fuzzed: readonly string[];
}

async function runPart({ title, program, args, count }: Part, env: NodeJS.ProcessEnv): Promise<PartResult> {
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
  return {
    ...counted(ok, () => count?.(finished)),
    ...(!ok && { failure: `── ${title} failed ──\n${finished.output.trimEnd()}` }),
    fuzzed: fuzzLines(finished.output),
  };
}

function counted(ok: boolean, count: () => Count | undefined): Count {
  try {
    const found = count() ?? { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
    return ok || found.failed > 0 ? found : { ...found, failed: 1 };
  } catch {
    return { passed: 0, failed: 1 }; // It ended before it could report.
  }
}

/** Parts that run one after the other, given the interpreter of the project's Python environment. */
export type Queue = (python: string) => readonly Part[];

/** Lists the checks that need no system: types, lint, dead code, unit and synth tests. */
export const check: Queue = () => [...TYPES_AND_LINT, jest(["unit", "synth"], "--maxWorkers=2")];

/** Lists all but the end-to-end tests. It runs beside them and takes one core of two. */
export const quick: Queue = (python) => [
  ...TYPES_AND_LINT,
  ...pythonChecks(python),
  jest(["unit", "synth"], "--maxWorkers=50%"),
  pytest(python),
  jest(["production"], "--runInBand"),
];

export const endToEnd: Queue = () => [jest(["e2e"], "--runInBand")];

/** The project's Python environment, and the environment variables with which its programs and tests run. */
async function setUp(): Promise<{ readonly python: string; readonly env: NodeJS.ProcessEnv }> {
  process.env.CI ??= "1";
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const python = await step("Set-up", async ({ at }) => {
    await prerequisite("terraform");
    return pythonEnvironment(at);
  });
  return { python, env: { ...process.env, ...KEEPS_COMPILED, VWT_PYTHON: python, FORCE_COLOR: "0" } };
}

/**
 * Runs queues side by side and tells how they went: what failed, where the time went, how many passed. The exit code.
 */
export async function runQueues(queues: readonly Queue[], notes: () => readonly string[] = () => []): Promise<number> {
  const { python, env } = await setUp();
  const results = await Promise.all(
    queues.map((queue) =>
      queue(python).reduce<Promise<PartResult[]>>(
        async (done, part) => [...(await done), await runPart(part, env)],
        Promise.resolve([]),
      ),
    ),
  );
  const all = results.flat();
  const sum = (key: keyof Count) => all.reduce((total, result) => total + result[key], 0);
  for (const { failure } of all) if (failure !== undefined) console.log(`\n${failure}`);
  console.log(`\n${timingTable("part")}\n`);
  for (const note of [...all.flatMap(({ fuzzed }) => fuzzed), ...notes()]) console.log(note);
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed`);
  return sum("failed") > 0 ? 1 : 0;
}

/** Runs a program with its output as it comes; answers its exit code. */
function shown(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const child = spawn(program, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("exit", (code) => done(code ?? 1));
  });
}

/** Runs the tests of Jest projects whose paths match one of the patterns, all of them without a pattern. */
export const runJest = (
  projects: readonly Project[],
  patterns: readonly string[],
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<number> =>
  shown(
    process.execPath,
    [
      ...JEST,
      ...["--selectProjects", ...projects, ...flags],
      ...(patterns.length > 0 ? ["--testPathPatterns", ...patterns] : []),
    ],
    env,
  );

/** Exit code of a pytest that found no test, of which it says nothing where it is told to be quiet. */
const NO_TESTS = 5;

/** Runs pytest with these arguments, over all Python tests without any. */
export async function runPytest(args: readonly string[]): Promise<number> {
  const code = await shown(await pythonEnvironment(() => {}), ["-m", "pytest", "-q", ...args], KEEPS_COMPILED);
  if (code === NO_TESTS) console.error(`No Python test fits: ${args.join(" ")}`);
  return code;
}

/** Formats all files, and orders the imports of those in TypeScript. */
export async function format(): Promise<number> {
  const python = await pythonEnvironment(() => {});
  const codes = [
    await shown(bin("biome"), ["check", "--write"]),
    await shown(python, ["-m", "ruff", "format"]),
    await shown(python, ["-m", "ruff", "check", "--select", "I", "--fix"]),
  ];
  return Math.max(...codes);
}
