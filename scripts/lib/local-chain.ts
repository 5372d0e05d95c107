import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { anvilProgram } from "./anvil";
import { freePort, systemFolder } from "./emulator";
import { beganAt, isAlive, sleep, tail, UserError } from "./process";

/** Content of `.local/<name>/chain.json`: the last chain of a name, which may have ended. */
interface Remembered {
  readonly pid: number;
  /** See `beganAt`. */
  readonly began: string;
  readonly url: string;
}

const memoryOf = (name: string): string => systemFolder(name, "chain.json");
const logOf = (name: string): string => systemFolder(name, "chain.log");
const DEADLINE_MS = 60_000;

/** The process of a name's chain, unless it has ended and its id is another's by now. */
function processOf(name: string): Remembered | undefined {
  if (!existsSync(memoryOf(name))) return undefined;
  const last = JSON.parse(readFileSync(memoryOf(name), "utf8")) as Remembered;
  return last.began === beganAt(last.pid) ? last : undefined;
}

/** Tells whether a node answers at a URL. */
const answers = (url: string): Promise<boolean> =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] }),
  }).then(
    ({ ok }) => ok,
    () => false,
  );

/** Brings up the chain of a system of this machine, or finds it running; answers its URL. It has all that it held. */
export async function startLocalChain(name: string): Promise<string> {
  const running = processOf(name);
  if (running && (await answers(running.url))) return running.url;
  await stopLocalChain(name);
  mkdirSync(systemFolder(name), { recursive: true });
  const port = await freePort();
  const log = openSync(logOf(name), "w");
  const held = ["--state", systemFolder(name, "chain-state.json"), "--state-interval", "10", "--threads", "1"];
  // It outlives this command, as the emulator does.
  const child = spawn(anvilProgram(), ["--port", String(port), ...held], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  child.unref();
  const pid = child.pid as number;
  const started: Remembered = { pid, began: beganAt(pid) ?? "", url: `http://127.0.0.1:${port}` };
  writeFileSync(memoryOf(name), JSON.stringify(started));
  for (const deadline = Date.now() + DEADLINE_MS; isAlive(pid) && Date.now() < deadline; await sleep(50)) {
    if (await answers(started.url)) return started.url;
  }
  throw new UserError(
    `The chain did not start. Its last words, from ${logOf(name)}:\n${tail(readFileSync(logOf(name), "utf8"))}`,
  );
}

/** Ends the chain of this name; says whether there was one. */
export async function stopLocalChain(name: string): Promise<boolean> {
  const found = processOf(name);
  if (!found) return false;
  process.kill(found.pid, "SIGTERM");
  for (const deadline = Date.now() + DEADLINE_MS; isAlive(found.pid) && Date.now() < deadline; ) await sleep(20);
  return true;
}
