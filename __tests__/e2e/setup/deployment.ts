import { join } from "node:path";
import { outputsFileOf, synthesizedStacks } from "../../../scripts/lib/cdktf";
import { providerFolder } from "../../../scripts/lib/deployment";
import { root } from "../../../scripts/lib/paths";
import { runOrThrow, tail } from "../../../scripts/lib/process";
import { type Stack, withProvider } from "../../../scripts/lib/provider";
import { synthesize } from "../../../scripts/lib/synth";
import { administratorEnvironment, buildFolder, deploymentFolder, type System } from "../../../scripts/lib/system";
import { terraformSetup } from "../../../scripts/lib/terraform";
import { deploymentCommands, README } from "../../readme";

/**
 * Deploys by the very commands of the README, in its order, with what readers put in themselves: the account, the
 * environment, and that they approve. Only where the files go, and how often the provider starts, is the tests' business.
 */
export async function deployByReadme(system: System): Promise<void> {
  const { emulator, config } = system;
  const folder = deploymentFolder(system);
  const env = { ...administratorEnvironment(system), ...terraformSetup().env };
  const output = join(folder, "cdktf.out");
  await synthesize({ environment: config.environment, output, dist: buildFolder(emulator) });
  const stacks = synthesizedStacks(folder);
  await startProvider(stacks, env);
  const ours = `--auto-approve --output '${output}' --outputs-file '${outputsFileOf(folder)}'`;
  const script = deploymentCommands(README)
    .join("\n")
    .replace(/\b\d{12}\b/g, config.accountId)
    .replace(/\bproduction\b/g, config.environment);
  await withProvider(providerFolder(folder), stacks, env, (attached) =>
    runOrThrow("sh", ["-e", "-x", "-c", `${script} ${ours}`], {
      cwd: root,
      env: {
        ...attached,
        VWT_SYSTEM: emulator.name,
        VWT_DIST: buildFolder(emulator),
        CI: "1",
        FORCE_COLOR: "0",
      },
      explain: ({ output: said }) => `The commands of README.md's "Deploy to AWS" do not deploy:\n${tail(said, 60)}`,
    }),
  );
}

/** Has Terraform install the provider, start it by itself and ask it, as it does for users, for the last of the stacks. */
async function startProvider(stacks: readonly Stack[], env: NodeJS.ProcessEnv): Promise<void> {
  for (const args of [["init", "-backend=false", "-input=false"], ["validate"]]) {
    await runOrThrow("terraform", [...args, "-no-color"], {
      cwd: stacks.at(-1)?.folder as string,
      env,
      explain: ({ output }) => `terraform ${args[0]} fails:\n${tail(output)}`,
    });
  }
}
