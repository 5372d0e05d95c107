import { loadConfig } from "../../config";
import { examineAll, report } from "../lib/doctor";
import { clientsOf } from "../lib/doctor/clients";
import { synthesized } from "../lib/doctor/planned";
import { runningEmulator } from "../lib/emulator";
import { main } from "../lib/main";
import { SYSTEM } from "../lib/names";
import { step } from "../lib/progress";
import { emulatorSettings } from "../lib/system";
import { requireAccount } from "../lib/target";

/** Says what in an account would stop the deployment of an environment, and what to do about it. Changes nothing. */
main("doctor", async ({ arguments: [environment = ""] }) => {
  const config = loadConfig(environment);
  const emulator = environment === "local" ? await runningEmulator(SYSTEM) : undefined;
  const settings = emulator ? emulatorSettings(emulator, config) : { region: config.region };
  const emulated = emulator !== undefined || process.env.AWS_ENDPOINT_URL !== undefined;
  if (!emulator) requireAccount(config);
  const planned = await step(`Synthesize ${environment}`, () => synthesized(environment));
  const examined = await step("Look at the account", () =>
    examineAll({ config, planned, ...clientsOf(settings, emulated) }, emulated),
  );
  console.log(`\n${report(examined)}`);
  return examined.some(({ level }) => level === "failed") ? 1 : 0;
});
