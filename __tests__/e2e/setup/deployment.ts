import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { outputsFileOf } from "../../../scripts/lib/cdktf";
import { root } from "../../../scripts/lib/paths";
import { run, runOrThrow, tail } from "../../../scripts/lib/process";
import { administratorEnvironment, buildFolder, deploymentFolder, type System } from "../../../scripts/lib/system";
import { terraformSetup } from "../../../scripts/lib/terraform";
import { deploymentCommands, README, STACKS } from "../../readme";

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

const stackFolder = (system: System, stack: string): string =>
  join(deploymentFolder(system), "cdktf.out", "stacks", `${system.config.environment}-${stack}`);

/** Terraform's plan of each deployed stack that it would change. */
export async function pendingPlans(system: System): Promise<string[]> {
  const env = { ...administratorEnvironment(system), ...terraformSetup().env };
  const plans: string[] = [];
  for (const stack of STACKS) {
    const args = ["plan", "-input=false", "-no-color", "-lock=false", "-detailed-exitcode"];
    const { code, output } = await run("terraform", args, { cwd: stackFolder(system, stack), env });
    if (code !== 0) plans.push(`${stack}: ${output}`);
  }
  return plans;
}

/** The program of a stack's provider: `terraform init` links to it beneath its registry, name, version and platform. */
function providerOf(stack: string): string {
  let path = join(stack, ".terraform", "providers");
  while (statSync(path).isDirectory()) {
    const names = readdirSync(path);
    path = join(path, names.find((name) => name.startsWith("terraform-provider-")) ?? (names[0] as string));
  }
  return path;
}

/**
 * A folder with the files of all stacks, where a provider looks for those that Terraform names from a stack's folder.
 * Names hold hashes, and all environments have the same files.
 */
function filesOf(system: System): string {
  const folder = join(deploymentFolder(system), "provider");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "assets"), { recursive: true });
  for (const assets of STACKS.map((stack) => join(stackFolder(system, stack), "assets")).filter(existsSync)) {
    for (const name of readdirSync(assets)) symlinkSync(join(assets, name), join(folder, "assets", name));
  }
  return folder;
}

/**
 * Runs `work` with one process of the AWS provider, the deployed system's, for all Terraform that it starts. By itself
 * Terraform starts four for a stack, and reads the checksum of 700 MB before: half of the CPU time of a deployment.
 */
export async function withOneProvider<T>(deployed: System, work: () => Promise<T>): Promise<T> {
  const provider = spawn(providerOf(stackFolder(deployed, STACKS[0])), ["-debug"], {
    cwd: filesOf(deployed),
    // A process that is told of certificates can be configured only once (and the emulator has none).
    env: { ...administratorEnvironment(deployed), AWS_CA_BUNDLE: "" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    process.env.TF_REATTACH_PROVIDERS = await new Promise<string>((attached, failed) => {
      let said = "";
      provider.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const found = /TF_REATTACH_PROVIDERS='(.+)'/.exec(said)?.[1];
        if (found) attached(found);
      });
      provider.on("error", failed);
      provider.on("exit", () => failed(new Error(`The provider ended: ${said}`)));
    });
    return await work();
  } finally {
    delete process.env.TF_REATTACH_PROVIDERS;
    provider.kill("SIGKILL");
  }
}
