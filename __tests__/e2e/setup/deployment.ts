import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { outputsFileOf, synthesizedStacks } from "../../../scripts/lib/cdktf";
import { plans } from "../../../scripts/lib/deployment";
import { root } from "../../../scripts/lib/paths";
import { runOrThrow, tail } from "../../../scripts/lib/process";
import { withProvider } from "../../../scripts/lib/provider";
import { administratorEnvironment, buildFolder, deploymentFolder, type System } from "../../../scripts/lib/system";
import { terraformSetup } from "../../../scripts/lib/terraform";
import { deploymentCommands, README } from "../../readme";

/**
 * Deploys by the very commands of the README, in its order, with what readers put in themselves: the account, the
 * environment, and that they approve. Only where the files go is the tests' business.
 */
export async function deployByReadme(system: System): Promise<void> {
  const { emulator, config } = system;
  const folder = deploymentFolder(system);
  mkdirSync(folder, { recursive: true });
  const ours = `--auto-approve --output '${join(folder, "cdktf.out")}' --outputs-file '${outputsFileOf(folder)}'`;
  const script = deploymentCommands(README)
    .join("\n")
    .replace(/\b\d{12}\b/g, config.accountId)
    .replace(/\bproduction\b/g, config.environment);
  await runOrThrow("sh", ["-e", "-x", "-c", `${script} ${ours}`], {
    cwd: root,
    env: {
      ...administratorEnvironment(system),
      VWT_SYSTEM: emulator.name,
      VWT_DIST: buildFolder(emulator),
      CI: "1",
      FORCE_COLOR: "0",
    },
    explain: ({ output }) => `The commands of README.md's "Deploy to AWS" do not deploy:\n${tail(output, 60)}`,
  });
}

/** Terraform's plans of the deployed stacks that it would change. */
export function pendingPlans(system: System): Promise<string[]> {
  const folder = deploymentFolder(system);
  const stacks = synthesizedStacks(folder);
  const env = { ...administratorEnvironment(system), ...terraformSetup().env };
  return withProvider(join(folder, "provider"), stacks, env, (attached) => plans(stacks, attached));
}
