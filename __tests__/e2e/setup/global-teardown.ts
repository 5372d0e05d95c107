import { stopEmulator } from "../../../scripts/lib/emulator";
import { TEST_SYSTEM } from "./system";

export default async function tearDown(): Promise<void> {
  await stopEmulator(TEST_SYSTEM);
}
