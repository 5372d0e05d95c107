import { loadConfig } from "../../config";
import { freePort, runningEmulator, startEmulator, stopEmulator } from "../lib/emulator";
import { SYSTEM } from "../lib/names";
import { prerequisite, pythonEnvironment } from "../lib/prerequisites";
import { step } from "../lib/progress";
import { deploySystem, type System, systemOf, systemOutputs } from "../lib/system";
import { BENCH } from "./folder";

/** Works with the system that `npm start` left running, or else with one of the bench's own that ends afterwards. */
export async function withSystem<T>(work: (system: System) => Promise<T>): Promise<T> {
  const config = loadConfig("local");
  const running = await runningEmulator(SYSTEM);
  if (running) {
    const system = systemOf(running, config);
    if (systemOutputs(system).api) return work(system);
  }
  return withOwnSystem(work);
}

/** Works with a system that nobody else uses. */
export async function withOwnSystem<T>(work: (system: System) => Promise<T>): Promise<T> {
  const config = loadConfig("local");
  const emulator = await step("Start an emulator", async ({ at }) => {
    await prerequisite("terraform");
    return startEmulator({ name: BENCH, port: await freePort(), python: await pythonEnvironment(at) });
  });
  // Control-C ends this process before `finally` has a chance, and the emulator is made to outlive its command.
  process.once("exit", () => {
    try {
      process.kill(-emulator.pid, "SIGTERM");
    } catch {
      // It has ended.
    }
  });
  try {
    const system = systemOf(emulator, config);
    await step("Deploy all stacks to it", ({ at }) => deploySystem(system, at));
    return await work(system);
  } finally {
    // What was deployed stays on disk, so that the next bench need not deploy it again.
    await stopEmulator(BENCH);
  }
}
