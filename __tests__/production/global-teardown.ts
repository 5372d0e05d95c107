import { stopEmulator } from "../../scripts/lib/emulator";
import { PRODUCTION_TEST_SYSTEM } from "../../scripts/lib/names";

export default async function tearDown(): Promise<void> {
  await stopEmulator(PRODUCTION_TEST_SYSTEM);
}
