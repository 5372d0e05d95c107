import { keepConformance } from "../../../scripts/lib/conformance";
import { runningEmulator, stopEmulator } from "../../../scripts/lib/emulator";
import { TEST_SYSTEM } from "../../../scripts/lib/names";

export default async function tearDown(): Promise<void> {
  const emulator = await runningEmulator(TEST_SYSTEM);
  if (emulator) await keepConformance(emulator);
  if (!process.env.VWT_KEEP_TEST_SYSTEM) await stopEmulator(TEST_SYSTEM);
}
