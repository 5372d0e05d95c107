import { spawn } from "node:child_process";
import { loadConfig } from "../../config";
import { CDKTF, SKIP_LOCK } from "../lib/cdktf";
import { runningEmulator } from "../lib/emulator";
import { SYSTEM } from "../lib/names";
import { root } from "../lib/paths";
import { main } from "../lib/progress";
import { emulatedEnvironment } from "../lib/system";
import { terraformSetup } from "../lib/terraform";

/** Commands that would otherwise write a provider lock file. */
const LOCKS_PROVIDERS = new Set(["deploy", "apply", "diff", "plan", "destroy"]);

/**
 * The CDKTF CLI under the settings that Terraform needs on this machine: a provider mirror where there is one, and the
 * running emulator when the environment is `local`.
 */
main(async () => {
  const [command = "help", ...args] = process.argv.slice(2);
  const config = loadConfig(process.env.VWT_ENVIRONMENT ?? "local");
  const emulator = config.environment === "local" ? await runningEmulator(SYSTEM) : undefined;
  const terraform = terraformSetup();
  const child = spawn(
    process.execPath,
    [CDKTF, command, ...args, ...(LOCKS_PROVIDERS.has(command) ? [SKIP_LOCK] : [])],
    {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, ...terraform.env, ...(emulator && emulatedEnvironment(emulator, config)) },
    },
  );
  return new Promise((done) => child.on("exit", (code) => done(code ?? 1)));
});
