import { spawn } from "node:child_process";
import { loadConfig } from "../../config";
import { CDKTF, SKIP_LOCK } from "../lib/cdktf";
import { runningEmulator } from "../lib/emulator";
import { exclusively } from "../lib/exclusively";
import { main } from "../lib/main";
import { SYSTEM } from "../lib/names";
import { root } from "../lib/paths";
import { UserError } from "../lib/process";
import { administratorEnvironment } from "../lib/system";
import { refuseOthers, requireAccount } from "../lib/target";
import { terraformSetup } from "../lib/terraform";

/** Commands that change what is deployed. */
const CHANGES = ["deploy", "apply", "destroy"];

/** Commands that would otherwise write a provider lock file. */
const LOCKS_PROVIDERS = new Set([...CHANGES, "diff", "plan", "output", "outputs"]);

const PLANS = new Set(["diff", "plan"]);
const hint = (environment: string): string => `
"Unable to find remote state" means that a stack which this one reads from is not deployed yet. To review all of them on
a fresh account: VWT_ENVIRONMENT=${environment} npm run cdktf -- deploy '*' shows the plan of each, asks, and applies it
before the next.`;

/** Commands that read or change what is deployed. */
const OF_DEPLOYED = new Set([...LOCKS_PROVIDERS, "watch"]);

/**
 * Runs the CDKTF CLI under the settings that Terraform needs on this machine: a provider mirror where there is one, and
 * the running emulator when the environment is `local`.
 */
main("cdktf", async ({ arguments: [command = "help", ...args] }) => {
  const config = loadConfig(process.env.VWT_ENVIRONMENT || "local");
  refuseOthers(config.environment, args);
  const emulator = config.environment === "local" ? await runningEmulator(SYSTEM) : undefined;
  if (config.environment === "local" && !emulator && OF_DEPLOYED.has(command)) {
    throw new UserError(
      "The local system is not running: npm start brings it up. For an account, set VWT_ENVIRONMENT.",
    );
  }
  if (config.environment !== "local" && OF_DEPLOYED.has(command)) requireAccount(config);
  const terraform = terraformSetup();
  const cli = (): Promise<number> => {
    const child = spawn(
      process.execPath,
      [CDKTF, command, ...args, ...(LOCKS_PROVIDERS.has(command) ? [SKIP_LOCK] : [])],
      {
        cwd: root,
        stdio: "inherit",
        env: { ...(emulator ? administratorEnvironment({ emulator, config }) : process.env), ...terraform.env },
      },
    );
    return new Promise((done) => child.on("exit", (ended) => done(ended ?? 1)));
  };
  // Whoever deploys to this machine's system by another command may remove locks that nobody seems to hold.
  const code = await (emulator && CHANGES.includes(command) ? exclusively(SYSTEM, cli) : cli());
  if (code !== 0 && PLANS.has(command)) console.error(hint(config.environment));
  return code;
});
