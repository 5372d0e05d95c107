import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { runOrThrow, tail } from "./process";

/** A stack that was synthesized. */
export interface Stack {
  readonly id: string;
  /** Its Terraform and its files; Terraform runs there. */
  readonly folder: string;
  /** Its Terraform, as JSON. */
  readonly terraform: string;
}

/** Works beside the provider: `attached` is the environment under which Terraform talks to it. */
type Work<T> = (attached: NodeJS.ProcessEnv) => Promise<T>;

/**
 * Works with one process of the AWS provider for every Terraform that `work` starts. By itself Terraform starts four for
 * each stack that it applies, each reading the schemas of 1,400 resources, and checksums 700 MB before.
 *
 * @param folder The provider's own: it is installed there, and finds the files of all stacks.
 * @throws UserError with Terraform's words when the provider cannot be installed.
 */
export async function withProvider<T>(
  folder: string,
  stacks: readonly Stack[],
  env: NodeJS.ProcessEnv,
  work: Work<T>,
): Promise<T> {
  const program = await installed(folder, stacks, env);
  linkAssets(folder, stacks);
  // `cat` ends with this process, however that ends, and whichever of the group ends first takes the others with it.
  const provider = spawn("sh", ["-c", '{ "$0" -debug; kill -9 0; } & cat; kill -9 0', program], {
    cwd: folder,
    detached: true,
    // A provider that is told of certificates can be configured only once, and the emulator has none.
    env: { ...env, AWS_CA_BUNDLE: "" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = new Promise<void>((done) => provider.once("close", () => done()));
  try {
    const reattach = await new Promise<string>((attached, failed) => {
      let said = "";
      provider.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const found = /TF_REATTACH_PROVIDERS='(.+)'/.exec(said)?.[1];
        if (found) attached(found);
      });
      provider.once("error", failed);
      provider.once("close", () => failed(new Error(`${program} ended at once: ${said.trim() || "it said nothing"}`)));
    });
    return await work({ ...env, TF_REATTACH_PROVIDERS: reattach });
  } finally {
    provider.stdin.end();
    await ended;
  }
}

/** The provider's program, installed by Terraform unless the one that the stacks require is there. */
async function installed(folder: string, stacks: readonly Stack[], env: NodeJS.ProcessEnv): Promise<string> {
  const required = stacks.map(({ terraform }) => JSON.parse(terraform).terraform.required_providers)[0];
  const wanted = JSON.stringify({ terraform: { required_providers: required } });
  const file = join(folder, "main.tf.json");
  const program = () => programBelow(join(folder, ".terraform", "providers"));
  if (!existsSync(file) || readFileSync(file, "utf8") !== wanted || program() === undefined) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, wanted);
    await runOrThrow("terraform", ["init", "-input=false", "-no-color"], {
      cwd: folder,
      env,
      explain: ({ output }) => `Terraform cannot install its provider:\n${tail(output)}`,
    });
  }
  return program() as string;
}

/** Terraform links to the program beneath its registry, name, version and platform. */
function programBelow(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  if (!statSync(folder).isDirectory()) return folder;
  const names = readdirSync(folder);
  const next = names.find((name) => name.startsWith("terraform-provider-")) ?? names[0];
  return next && programBelow(join(folder, next));
}

/** Terraform names a stack's files from the stack's folder, and the provider looks for them in its own. */
function linkAssets(folder: string, stacks: readonly Stack[]): void {
  const links = join(folder, "assets");
  rmSync(links, { recursive: true, force: true });
  mkdirSync(links);
  for (const assets of stacks.map((stack) => join(stack.folder, "assets")).filter(existsSync)) {
    for (const name of readdirSync(assets)) symlinkSync(join(assets, name), join(links, name));
  }
}
