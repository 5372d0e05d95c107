import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apply, type Changes, type DeployOptions, outputsFileOf, synthesizedStacks } from "./cdktf";
import { run } from "./process";
import { type Stack, withProvider } from "./provider";
import { synthesize } from "./synth";
import { terraformSetup } from "./terraform";

/** The folder, in a deployment's, of the provider that its stacks share. */
export const providerFolder = (folder: string): string => join(folder, "provider");

/**
 * Deploys all stacks of an environment, without questions, unless Terraform has nothing to change; what changed, over
 * all stacks.
 *
 * @throws UserError with what Terraform said when it fails.
 */
export async function deploy(options: DeployOptions): Promise<Changes> {
  const { folder, at } = options;
  at("synthesizing");
  const terraform = terraformSetup();
  const env = { ...options.env, ...terraform.env };
  await synthesize({ ...options, output: join(folder, "cdktf.out"), env });
  const stacks = synthesizedStacks(folder);
  return withProvider(providerFolder(folder), stacks, env, (attached) =>
    applyUnlessDeployed({
      record: join(folder, "deployed"),
      outputs: outputsFileOf(folder),
      fingerprint: fingerprintOf(stacks),
      plans: () => {
        at("looking for changes");
        return plans(stacks, attached);
      },
      apply: () => apply({ ...options, env: attached, source: terraform.source }),
    }),
  );
}

/** Names everything that stacks are made of: their Terraform names files by their contents. */
export const fingerprintOf = (stacks: readonly Pick<Stack, "id" | "terraform">[]): string =>
  createHash("sha256")
    .update(JSON.stringify(stacks.map(({ id, terraform }) => [id, terraform])))
    .digest("hex");

export interface Deployable {
  /** File with the fingerprint of what the last deployment brought to its end; none while one is unfinished. */
  readonly record: string;
  /** File that a deployment writes. */
  readonly outputs: string;
  readonly fingerprint: string;
  /** Plans of what would change where it is deployed. */
  readonly plans: () => Promise<readonly string[]>;
  readonly apply: () => Promise<Changes>;
}

/**
 * Applies, unless what would be applied was, and nothing has changed since where it is deployed. What is known to differ
 * is not planned first, because applying plans it too.
 */
export async function applyUnlessDeployed({ record, outputs, fingerprint, ...how }: Deployable): Promise<Changes> {
  const same = [record, outputs].every(existsSync) && readFileSync(record, "utf8") === fingerprint;
  if (same && (await how.plans()).length === 0) return { added: 0, changed: 0, destroyed: 0 };
  rmSync(record, { force: true });
  const changes = await how.apply();
  writeFileSync(record, fingerprint);
  return changes;
}

/**
 * Terraform's plans of those stacks that it would change, or could not plan. It reads every resource from where it is
 * deployed, so that what others have changed there shows.
 */
export async function plans(stacks: readonly Stack[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const args = ["plan", "-input=false", "-no-color", "-lock=false", "-detailed-exitcode"];
  const planned = await Promise.all(
    stacks.map(async ({ id, folder }) => ({ id, ...(await run("terraform", args, { cwd: folder, env })) })),
  );
  return planned.filter(({ code }) => code !== 0).map(({ id, output }) => `${id}: ${output}`);
}
