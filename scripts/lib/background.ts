import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { freePort, systemFolder } from "./emulator";
import { beganAt, isAlive, sleep, tail, UserError } from "./process";

/** A server beside the emulator of a system of this machine, which outlives the command that starts it. */
export interface Background {
  /** Names its files in the system's folder, and it in messages. */
  readonly name: string;
  /** Where it listens; on a free port unless one is named. */
  readonly port?: number;
  readonly start: (port: number) => {
    readonly program: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  };
  /** Says whether the server at a URL is up. */
  readonly answers: (url: string) => Promise<boolean>;
}

/** Content of `.local/<system>/<name>.json`: the last such process, which may have ended. */
interface Remembered {
  readonly pid: number;
  /** See `beganAt`. */
  readonly began: string;
  readonly url: string;
}

const DEADLINE_MS = 60_000;

const memoryOf = (system: string, { name }: Pick<Background, "name">): string => systemFolder(system, `${name}.json`);

/** Finds the process, unless it has ended and its id is another's by now. */
function processOf(system: string, background: Pick<Background, "name">): Remembered | undefined {
  const memory = memoryOf(system, background);
  if (!existsSync(memory)) return undefined;
  const last = JSON.parse(readFileSync(memory, "utf8")) as Remembered;
  return last.began === beganAt(last.pid) ? last : undefined;
}

/** Starts a server, or finds it running; answers its URL. */
export async function startBackground(system: string, background: Background): Promise<string> {
  const { name, start, answers } = background;
  const running = processOf(system, background);
  if (running && (await answers(running.url))) return running.url;
  await stopBackground(system, background);
  mkdirSync(systemFolder(system), { recursive: true });
  const port = background.port ?? (await freePort());
  const logFile = systemFolder(system, `${name}.log`);
  const log = openSync(logFile, "w");
  const { program, args, env = {} } = start(port);
  const child = spawn(program, args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...env },
  });
  child.unref();
  const pid = child.pid as number;
  const started: Remembered = { pid, began: beganAt(pid) ?? "", url: `http://127.0.0.1:${port}` };
  writeFileSync(memoryOf(system, background), JSON.stringify(started));
  for (const deadline = Date.now() + DEADLINE_MS; isAlive(pid) && Date.now() < deadline; await sleep(50)) {
    if (await answers(started.url)) return started.url;
  }
  throw new UserError(
    `The ${name} did not start. Its last words, from ${logFile}:\n${tail(readFileSync(logFile, "utf8"))}`,
  );
}

/** Ends a server of this name; says whether there was one. */
export async function stopBackground(system: string, background: Pick<Background, "name">): Promise<boolean> {
  const found = processOf(system, background);
  if (!found) return false;
  process.kill(found.pid, "SIGTERM");
  for (const deadline = Date.now() + DEADLINE_MS; isAlive(found.pid) && Date.now() < deadline; ) await sleep(20);
  return true;
}
