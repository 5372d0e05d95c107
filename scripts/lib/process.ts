import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** An error that the user can mend. It is printed as it is, without a stack. */
export class UserError extends Error {
  override readonly name = "UserError";
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with every line, as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface Finished {
  readonly code: number;
  /** Lines of standard output and error, in the order in which they came. */
  readonly output: string;
  readonly stdout: string;
}

const children = new Set<ChildProcess>();

/** Whatever ends this process ends what it started. Each child leads a process group, so grandchildren end too. */
function killChildren(signal: NodeJS.Signals): void {
  for (const { pid } of children) {
    try {
      if (pid) process.kill(-pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}

process.on("exit", () => killChildren("SIGKILL"));

let ending: number | undefined;
const farewells = new Set<string>();

/** The exit code for the signal that ends this process, once one has come. */
export const endingWith = (): number | undefined => ending;

/** Works; when a signal ends this process meanwhile, what people have to know then is printed. */
export async function whileSaying<T>(farewell: string, work: () => Promise<T>): Promise<T> {
  farewells.add(farewell);
  try {
    return await work();
  } finally {
    farewells.delete(farewell);
  }
}

function endBy(code: number): void {
  // A terminal sends Control-C to npm, to what npm started, and to this process; both pass it on.
  if (ending !== undefined) return;
  ending = code;
  for (const farewell of farewells) console.error(`\n${farewell}`);
  killChildren("SIGTERM");
  // Terraform wants a moment to write its state and to release its lock.
  setInterval(() => children.size === 0 && process.exit(code), 50);
  setTimeout(() => process.exit(code), 20_000);
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.on(signal, () => endBy(code));
}

/**
 * Runs a program to its end. A program that cannot be started rejects; one that fails resolves with its code. Once a
 * signal is ending this process, nothing is started any more.
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  if (ending !== undefined) return new Promise(() => {});
  return new Promise((resolve, reject) => {
    const spawnOptions: SpawnOptions = {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    };
    const child = spawn(program, args, spawnOptions);
    children.add(child);
    let output = "";
    let stdout = "";
    let partial = "";
    const take = (text: string) => {
      output += text;
      if (!options.onLine) return;
      const lines = (partial + text).split("\n");
      partial = lines.pop() as string;
      for (const line of lines) options.onLine(line);
    };
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      take(text);
    });
    child.stderr?.setEncoding("utf8").on("data", take);
    child.on("error", (error) => {
      children.delete(child);
      reject(error);
    });
    child.on("close", (code, signal) => {
      children.delete(child);
      if (partial) options.onLine?.(partial);
      resolve({ code: code ?? (signal === "SIGINT" ? 130 : 1), output, stdout });
    });
  });
}

/** Like `run`, but a failing program throws what `explain` makes of it. */
export async function runOrThrow(
  program: string,
  args: readonly string[],
  options: RunOptions & { readonly explain: (finished: Finished) => string },
): Promise<Finished> {
  const finished = await run(program, args, options);
  if (finished.code !== 0) throw new UserError(options.explain(finished));
  return finished;
}

/** The last lines of an output: where programs say why they failed. */
export const tail = (output: string, lines = 25): string => output.trimEnd().split("\n").slice(-lines).join("\n");

/**
 * When a process that runs began, in the system's own words; `undefined` when it does not run. With its id it names one
 * process for ever, where an id alone is given to others later.
 */
export function beganAt(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The 22nd field, in ticks since the machine started; the name before the parenthesis may hold spaces.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${ticks} ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;
  } catch {
    const { stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
    return stdout?.trim() || undefined;
  }
}

/** Tells whether a process runs. One that has ended counts as ended even while its parent has not asked how. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  try {
    // The state follows the name, which is in parentheses and may hold anything.
    return !/\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}

export const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));
