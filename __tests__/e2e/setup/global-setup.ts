import { loadConfig } from "../../../config";
import { runningEmulator, stopEmulator } from "../../../scripts/lib/emulator";
import { TEST_SYSTEM } from "../../../scripts/lib/names";
import { uploadSampleData } from "../../../scripts/lib/sample-data";
import { systemOf } from "../../../scripts/lib/system";
import { deployByReadme } from "./deployment";
import { freshEmulator, PLAYERS } from "./system";

interface JestConfig {
  readonly testPathPatterns: { readonly patterns: readonly string[] };
}

/**
 * A system of the tests' own, from nothing unless one was kept for them: real Terraform, real provider, IAM enforced.
 * Tests of what all files together have done are told whether all of them run.
 */
export default async function setUp({ testPathPatterns }: JestConfig): Promise<void> {
  // Not where a running system's receiver may listen.
  process.env.VWT_RECEIVER ??= "http://127.0.0.1:4581/webhooks";
  process.env.VWT_ALL_FILES_RUN = String(testPathPatterns.patterns.length === 0);
  if (process.env.VWT_KEEP_TEST_SYSTEM && (await runningEmulator(TEST_SYSTEM))) return;
  const emulator = await freshEmulator(TEST_SYSTEM);
  try {
    const system = systemOf(emulator, loadConfig("local"));
    await deployByReadme(system);
    await uploadSampleData(system, PLAYERS);
  } catch (error) {
    await stopEmulator(TEST_SYSTEM);
    throw error;
  }
}
