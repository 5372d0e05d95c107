import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { loadConfig } from "../../../config";
import {
  ask,
  type Emulator,
  freePort,
  logOf,
  runningEmulator,
  startEmulator,
  stopEmulator,
  systemFolder,
} from "../../../scripts/lib/emulator";
import { TEST_SYSTEM } from "../../../scripts/lib/names";
import { type Answer, callApi } from "../../../scripts/lib/predictions";
import { pythonEnvironment } from "../../../scripts/lib/prerequisites";
import { sleep } from "../../../scripts/lib/process";
import { type Access, apiAccess, type System, systemOf } from "../../../scripts/lib/system";

/** Enough for a labelling model to label, which takes 5,000 records that have what the model needs. */
export const PLAYERS = 5400;

/** Part of a request: only outcome labels, so that a run that is about something else is quick. */
export const OUTCOME_LABELS = { labelling: { mode: "outcome" } } as const;

/**
 * MiniStack's setting for how long state machines wait, between two looks at an endpoint and before they repeat a call,
 * as a share of what they say. No end-to-end test is about that; in one of them it was half a minute.
 */
const env = { SFN_WAIT_SCALE: "0.5" };

/** Starts an emulator with this name on which there is nothing. */
export async function freshEmulator(name: string): Promise<Emulator> {
  process.env.VWT_PYTHON ??= await pythonEnvironment(() => {});
  await stopEmulator(name);
  rmSync(systemFolder(name), { recursive: true, force: true });
  return startEmulator({ name, port: await freePort(), python: process.env.VWT_PYTHON, env });
}

/** The environment on the emulator that a global set-up started. */
export async function testSystem(environment = "local", name = TEST_SYSTEM): Promise<System> {
  const emulator = await runningEmulator(name);
  if (!emulator) throw new Error(`The emulator is not running; see ${logOf(name)}`);
  return systemOf(emulator, loadConfig(environment));
}

export async function restartEmulator(emulator: Emulator): Promise<void> {
  await stopEmulator(TEST_SYSTEM);
  await startEmulator({ name: TEST_SYSTEM, port: emulator.port, python: process.env.VWT_PYTHON as string, env });
}

export interface RunningProcess {
  readonly kind: "endpoint" | "training" | "processing";
  readonly name: string;
  readonly pid: number;
}

/** The processes that stand for SageMaker's containers. */
export async function processes({ emulator }: System): Promise<readonly RunningProcess[]> {
  return (await (await ask(emulator, "/_vwt/processes")).json()) as RunningProcess[];
}

/** Kills the processes that run a function's calls now; answers how many there were. */
export function killFunction({ pid: parent }: Emulator, name: string): number {
  const all = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  const own = all.split("\n").flatMap((line) => {
    const [, pid, of, args = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(of) === parent && args.includes(`-vwt-local-${name}-`) ? [Number(pid)] : [];
  });
  for (const pid of own) process.kill(pid, "SIGKILL");
  return own.length;
}

/** The one that serves a model now, once what it has replaced has ended. */
export const servingProcess = (system: System, model: string): Promise<RunningProcess> =>
  eventually(async () => {
    const serving = (await processes(system)).filter(
      ({ kind, name }) => kind === "endpoint" && name === `vwt-local-${model}`,
    );
    return serving.length === 1 && serving[0];
  });

/** Works while programs of these file names stop as they start, so that the shortest can be caught. */
export async function whileHeld<T>(
  { emulator }: System,
  programs: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const hold = (names: readonly string[]) =>
    ask(emulator, "/_vwt/held", { method: "PUT", body: JSON.stringify(names) });
  expect((await hold(programs)).status).toBe(200);
  try {
    return await work();
  } finally {
    await hold([]);
  }
}

/** Against what hangs: how fast a machine is must not decide whether a test passes. */
const PATIENCE_MS = 300_000;

/** Asks again and again until `probe` gives something. */
export async function eventually<T>(probe: () => Promise<T | undefined | false>): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(50)) {
    const found = await probe();
    if (found) return found;
  }
  throw new Error(`It did not happen within ${PATIENCE_MS / 1000} s: ${probe}`);
}

export interface Problem {
  readonly type: string;
  readonly status: number;
  readonly detail: string;
  readonly errors: readonly { readonly pointer: string; readonly message: string }[];
  readonly requestId: string;
}

/** Expects a problem document of that status, well-formed in every other way too. */
export function expectProblem({ status, headers, body }: Answer, expected: { status: number; type: string }): Problem {
  expect([status, body]).toEqual([expected.status, expect.objectContaining({ status: expected.status })]);
  expect(headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const problem = body as Problem;
  expect(problem).toEqual({
    type: `urn:vwt:problem:${expected.type}`,
    title: expect.stringMatching(/./),
    status: expected.status,
    detail: expect.stringMatching(/./),
    errors: expect.any(Array),
    requestId: expect.stringMatching(/./),
  });
  if ([429, 503].includes(status)) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  return problem;
}

export interface Wallet {
  readonly access: Access;
  readonly send: (body: unknown) => Promise<Answer>;
}

export async function wallet(system: System, client = "sample-wallet"): Promise<Wallet> {
  const access = await apiAccess(system, client);
  return { access, send: (body) => callApi(access, body) };
}
