import { loadConfig } from "../../config";
import { EMULATED_ACCOUNT } from "../../config/defaults";
import { examineAll, report } from "../lib/doctor";
import { clientsOf } from "../lib/doctor/clients";
import { synthesized } from "../lib/doctor/planned";
import { runningEmulator } from "../lib/emulator";
import { SYSTEM } from "../lib/names";
import { UserError } from "../lib/process";
import { main, step } from "../lib/progress";
import { emulatorSettings } from "../lib/system";

/** Says what in an account would stop the deployment of an environment, and what to do about it. Changes nothing. */
main(async () => {
  const [environment] = process.argv.slice(2);
  if (!environment) throw new UserError("Name the environment: npm run doctor -- <environment>");
  const config = loadConfig(environment);
  const emulator = environment === "local" ? await runningEmulator(SYSTEM) : undefined;
  const settings = emulator ? emulatorSettings(emulator, config) : { region: config.region };
  const emulated = emulator !== undefined || process.env.AWS_ENDPOINT_URL !== undefined;
  if (config.accountId === EMULATED_ACCOUNT && !emulated) {
    throw new UserError(`config/${environment}.ts names no AWS account. Set VWT_ACCOUNT_ID to its 12 digits.`);
  }
  const planned = await step(`Synthesize ${environment}`, () => synthesized(environment));
  const examined = await step("Look at the account", () =>
    examineAll({ config, planned, ...clientsOf(settings, emulated) }, emulated),
  );
  console.log(`\n${report(examined)}`);
  return examined.some(({ level }) => level === "failed") ? 1 : 0;
});
