import { loadConfig } from "../../config";
import { examineAll, report } from "../lib/doctor";
import { clientsOf } from "../lib/doctor/clients";
import { synthesized } from "../lib/doctor/planned";
import { main } from "../lib/main";
import { step } from "../lib/progress";
import { localSettings, requireAccount } from "../lib/target";

/** Says what in an account would stop the deployment of an environment, and what to do about it. Changes nothing. */
main("doctor", async ({ arguments: [environment = ""] }) => {
  const config = loadConfig(environment);
  const isLocal = environment === "local";
  if (!isLocal) requireAccount(config);
  const settings = isLocal ? await localSettings(config) : { region: config.region };
  const emulated = isLocal || process.env.AWS_ENDPOINT_URL !== undefined;
  const planned = await step(`Synthesize ${environment}`, () => synthesized(environment));
  const examined = await step("Look at the account", () =>
    examineAll({ config, planned, ...clientsOf(settings, emulated) }, emulated),
  );
  console.log(`\n${report(examined)}`);
  return examined.some(({ level }) => level === "failed") ? 1 : 0;
});
