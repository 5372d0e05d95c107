import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { local, root } from "./paths";
import { KEEPS_COMPILED } from "./prerequisites";
import { beganAt, isAlive, sleep, tail, UserError } from "./process";

/** An emulator that runs. */
export interface Emulator {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** Token by which it answers programs; its root user's secret, too. */
  readonly token: string;
}

/** Content of `.local/<name>/emulator.json`: the last emulator of a name, which may have ended. */
interface Remembered {
  readonly pid: number;
  /** See `beganAt`. */
  readonly began: string;
  readonly port: number;
}

const DEFAULT_PORT = 4566;
const START_DEADLINE_MS = 300_000;

export const systemFolder = (name: string, ...parts: readonly string[]): string => local(name, ...parts);
const memoryOf = (name: string): string => systemFolder(name, "emulator.json");
export const logOf = (name: string): string => systemFolder(name, "emulator.log");
const tokenFileOf = (name: string): string => systemFolder(name, "state", "token");

function remembered(name: string): Remembered | undefined {
  const file = memoryOf(name);
  if (!existsSync(file)) return undefined;
  const fault = new UserError(
    `${file} is damaged, so that nobody knows which process is the emulator. Remove it and run the command again; if ` +
      "the port is in use then, end the process that holds it: its command line has -m vwt_local.",
  );
  try {
    const { pid, began, port } = JSON.parse(readFileSync(file, "utf8")) as Partial<Remembered>;
    if (Number.isInteger(pid) && Number.isInteger(port)) return { pid, began, port } as Remembered;
  } catch {
    // Said below.
  }
  throw fault;
}

/** The process of a name's emulator, unless it has ended and its id is another's by now. */
function processOf(name: string): Remembered | undefined {
  const last = remembered(name);
  return last && last.began === beganAt(last.pid) ? last : undefined;
}

/** The port of a name's last emulator. */
export const lastPort = (name: string): number | undefined => remembered(name)?.port;

/** The port that `VWT_PORT` asks for, else that of the last emulator, else AWS emulators' usual one. */
export function wantedPort(asked: string | undefined, last: number | undefined): number {
  const port = asked ? Number(asked) : (last ?? DEFAULT_PORT);
  if (Number.isInteger(port) && port >= 1024 && port <= 65535) return port;
  throw new UserError(`VWT_PORT must be a port from 1024 to 65535, not "${asked}".`);
}

/** The emulator of this name that runs and answers, if any. */
export async function runningEmulator(name: string): Promise<Emulator | undefined> {
  const found = processOf(name);
  return found && ready(name, found);
}

/** The emulator, once it answers and knows the token of its name. */
async function ready(name: string, { pid, port }: Remembered): Promise<Emulator | undefined> {
  try {
    const token = readFileSync(tokenFileOf(name), "utf8");
    const emulator = { name, pid, port, url: `http://127.0.0.1:${port}`, token };
    return (await ask(emulator, "/_vwt/health")).ok ? emulator : undefined;
  } catch {
    return undefined; // It does not listen yet, or any more.
  }
}

/** Asks the emulator itself: the routes of `local/vwt_local/admin.py`. */
export const ask = ({ url, token }: Emulator, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}${path}`, { signal: AbortSignal.timeout(30_000), ...init, headers: { "x-vwt-token": token } });

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
  /** Variables that it gets beside those of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts an emulator in the background and waits until it answers; what it held when it last stopped is still there. */
export async function startEmulator({ name, port, python, env = {} }: StartOptions): Promise<Emulator> {
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
    [
      ...["-m", "vwt_local", "--auth", "--port", String(port), "--state-dir", systemFolder(name, "state")],
      ...["--containers", join(root, "containers", "images.json")],
    ],
    {
      cwd: root,
      // A leader of its own group, without a terminal: it outlives this command.
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...process.env, ...env, ...KEEPS_COMPILED, PYTHONPATH: join(root, "local"), PYTHONUNBUFFERED: "1" },
    },
  );
  child.unref();
  let exit: string | undefined;
  child.on("exit", (code, signal) => {
    exit = signal ?? `code ${code}`;
  });
  const started = { pid: child.pid as number, began: beganAt(child.pid as number) ?? "", port };
  writeFileSync(memoryOf(name), JSON.stringify(started));

  const deadline = Date.now() + START_DEADLINE_MS;
  while (exit === undefined && Date.now() < deadline) {
    const emulator = await ready(name, started);
    if (emulator) return emulator;
    await sleep(100);
  }
  const why = exit ? `ended with ${exit}` : `did not answer within ${START_DEADLINE_MS / 1000} s`;
  await stopEmulator(name);
  throw new UserError(
    `The emulator ${why}. Its last words, from ${logOf(name)}:\n${tail(readFileSync(logOf(name), "utf8"))}\n` +
      "If its stored state is the cause, start afresh with: npm stop -- --clean && npm start",
  );
}

/** Ends the emulator of this name with everything that it runs, and nothing else. Says whether there was one. */
export async function stopEmulator(name: string): Promise<boolean> {
  const found = processOf(name);
  if (!found) return false;
  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      process.kill(-found.pid, signal);
    } catch {
      // It has ended.
    }
  };
  signalGroup("SIGTERM");
  for (const deadline = Date.now() + 60_000; isAlive(found.pid) && Date.now() < deadline; ) await sleep(50);
  signalGroup("SIGKILL");
  return true;
}
