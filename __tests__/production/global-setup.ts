import { PRODUCTION_TEST_SYSTEM } from "../../scripts/lib/names";
import { freshEmulator } from "../e2e/setup/system";

/** Starts an emulator with nothing on it: production's provider sleeps for more than a minute, so it has its own. */
export default async function setUp(): Promise<void> {
  await freshEmulator(PRODUCTION_TEST_SYSTEM);
}
