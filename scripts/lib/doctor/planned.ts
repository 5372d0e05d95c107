import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { local } from "../paths";
import { synthesize } from "../synth";

type Attributes = Readonly<Record<string, unknown>>;

type ByType = Readonly<Record<string, Readonly<Record<string, Attributes>>>>;

/**
 * Finds what an environment's synthesized Terraform would make or look up: attributes of resources and data, by type.
 */
export type Planned = (type: string) => readonly Attributes[];

export const plannedOf =
  (stacks: readonly { readonly resource?: ByType; readonly data?: ByType }[]): Planned =>
  (type) =>
    stacks.flatMap(({ resource, data }) => [resource, data].flatMap((each) => Object.values(each?.[type] ?? {})));

/** Synthesizes an environment and reads what it would make. */
export async function synthesized(environment: string): Promise<Planned> {
  const folder = local("doctor");
  const output = join(folder, environment);
  rmSync(output, { recursive: true, force: true });
  await synthesize({ environment, output, dist: process.env.VWT_DIST ?? join(folder, "dist") });
  return plannedIn(output);
}

/** Reads what the Terraform in a folder of cdktf's would make. */
export function plannedIn(folder: string): Planned {
  const stacks = join(folder, "stacks");
  return plannedOf(
    readdirSync(stacks).map((stack) => JSON.parse(readFileSync(join(stacks, stack, "cdk.tf.json"), "utf8"))),
  );
}
