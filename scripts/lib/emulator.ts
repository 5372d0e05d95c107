import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { local, root } from "./paths";
import { isAlive, sleep, tail, UserError } from "./process";

/** An emulator that was started: what `.local/<name>/emulator.json` remembers. */
export interface Emulator {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly url: string;
}

const START_DEADLINE_MS = 300_000;

export const systemFolder = (name: string, ...parts: readonly string[]): string => local(name, ...parts);
const memoryOf = (name: string): string => systemFolder(name, "emulator.json");
export const logOf = (name: string): string => systemFolder(name, "emulator.log");

/** The emulator of this name that runs and answers, if any. */
export async function runningEmulator(name: string): Promise<Emulator | undefined> {
  if (!existsSync(memoryOf(name))) return undefined;
  const emulator = JSON.parse(readFileSync(memoryOf(name), "utf8")) as Emulator;
  return isAlive(emulator.pid) && (await isReady(emulator.url)) ? emulator : undefined;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/_vwt/health`, { signal: AbortSignal.timeout(30_000) })).ok;
  } catch {
    return false;
  }
}

/**
 * A port that nothing listens on, below those that systems give to outgoing connections: one of these could take it
 * while the emulator restarts.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().on("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

export interface StartOptions {
  readonly name: string;
  readonly port: number;
  readonly python: string;
}

/** Starts an emulator in the background and waits until it answers; what it held when it last stopped is still there. */
export async function startEmulator({ name, port, python }: StartOptions): Promise<Emulator> {
  await stopEmulator(name); // One that hangs, or that died and left its memory behind.
  // The threads of a killed process may hold its port for a moment longer than it lives.
  for (const deadline = Date.now() + 5000; !(await isFree(port)) && Date.now() < deadline; ) await sleep(100);
  if (!(await isFree(port))) {
    throw new UserError(
      `Port ${port} is in use by another program. End that program, or choose another port: VWT_PORT=${port + 10} npm start`,
    );
  }
  mkdirSync(systemFolder(name), { recursive: true });
  const log = openSync(logOf(name), "w");
  const child = spawn(
    python,
    ["-m", "vwt_local", "--port", String(port), "--state-dir", systemFolder(name, "state"), "--auth"],
    {
      cwd: root,
      // A leader of its own group, without a terminal: it outlives this command.
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...process.env, PYTHONPATH: join(root, "local"), PYTHONUNBUFFERED: "1" },
    },
  );
  child.unref();
  let exit: string | undefined;
  child.on("exit", (code, signal) => {
    exit = signal ?? `code ${code}`;
  });
  const emulator: Emulator = { name, pid: child.pid as number, port, url: `http://127.0.0.1:${port}` };
  writeFileSync(memoryOf(name), JSON.stringify(emulator));

  const deadline = Date.now() + START_DEADLINE_MS;
  while (exit === undefined && Date.now() < deadline) {
    if (await isReady(emulator.url)) return emulator;
    await sleep(100);
  }
  const why = exit ? `ended with ${exit}` : `did not answer within ${START_DEADLINE_MS / 1000} s`;
  await stopEmulator(name);
  throw new UserError(
    `The emulator ${why}. Its last words, from ${logOf(name)}:\n${tail(readFileSync(logOf(name), "utf8"))}\n` +
      "If its stored state is the cause, start afresh with: npm stop -- --clean && npm start",
  );
}

/** Ends the emulator of this name with everything that it runs. Says whether there was one. */
export async function stopEmulator(name: string): Promise<boolean> {
  if (!existsSync(memoryOf(name))) return false;
  const { pid } = JSON.parse(readFileSync(memoryOf(name), "utf8")) as Emulator;
  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended.
    }
  };
  const wasAlive = isAlive(pid);
  signalGroup("SIGTERM");
  for (const deadline = Date.now() + 60_000; isAlive(pid) && Date.now() < deadline; ) await sleep(50);
  signalGroup("SIGKILL");
  rmSync(memoryOf(name), { force: true });
  return wasAlive;
}
