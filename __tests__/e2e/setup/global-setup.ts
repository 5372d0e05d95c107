import { rmSync } from "node:fs";
import { loadConfig } from "../../../config";
import { freePort, startEmulator, stopEmulator, systemFolder } from "../../../scripts/lib/emulator";
import { TEST_SYSTEM } from "../../../scripts/lib/names";
import { pythonEnvironment } from "../../../scripts/lib/prerequisites";
import { uploadSampleData } from "../../../scripts/lib/sample-data";
import { systemOf } from "../../../scripts/lib/system";
import { deployByReadme } from "./deployment";
import { PLAYERS } from "./system";

/** A system of the tests' own, from nothing: real Terraform, real provider, IAM enforced. */
export default async function setUp(): Promise<void> {
  await stopEmulator(TEST_SYSTEM);
  rmSync(systemFolder(TEST_SYSTEM), { recursive: true, force: true });
  process.env.VWT_PYTHON ??= await pythonEnvironment(() => {});
  const emulator = await startEmulator({ name: TEST_SYSTEM, port: await freePort(), python: process.env.VWT_PYTHON });
  try {
    const system = systemOf(emulator, loadConfig("local"));
    await deployByReadme(system);
    await uploadSampleData(system, PLAYERS);
  } catch (error) {
    await stopEmulator(TEST_SYSTEM);
    throw error;
  }
}
