import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths";
import { runOrThrow, tail } from "./process";
import type { Stack } from "./provider";

/** The CDKTF CLI, to be run by this Node.js. */
export const CDKTF = join(root, "node_modules", "cdktf-cli", "bundle", "bin", "cdktf");

/** `terraform providers lock` asks the registry and never a mirror; the provider's version is pinned by its package. */
export const SKIP_LOCK = "--skip-provider-lock";

/** Outputs of each stack, by stack id and output name. */
export type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Changes {
  readonly added: number;
  readonly changed: number;
  readonly destroyed: number;
}

export interface DeployOptions {
  readonly environment: string;
  /** Folder for synthesized Terraform and its working files. */
  readonly folder: string;
  /** Folder for what is built, such as functions' bundles. */
  readonly dist: string;
  readonly env: NodeJS.ProcessEnv;
  readonly at: (what: string) => void;
}

export interface ApplyOptions extends Pick<DeployOptions, "folder" | "env" | "at"> {
  /** Where Terraform's providers come from, for people. */
  readonly source: string;
}

/** Terraform's account of what it applied, stack by stack. */
const APPLIED = /Resources: (\d+) added, (\d+) changed, (\d+) destroyed/g;

/**
 * Runs `cdktf deploy` of all stacks as they are synthesized, without questions; what changed, over all stacks.
 *
 * @throws UserError with what Terraform said when it fails.
 */
export async function apply({ folder, env, at, source }: ApplyOptions): Promise<Changes> {
  const { output } = await runOrThrow(
    process.execPath,
    [
      CDKTF,
      "deploy",
      "*",
      "--skip-synth",
      "--auto-approve",
      "--no-color",
      "--output",
      join(folder, "cdktf.out"),
      "--outputs-file",
      outputsFileOf(folder),
      SKIP_LOCK,
    ],
    {
      cwd: root,
      env: { ...env, CI: "1", FORCE_COLOR: "0" },
      onLine: (line) => {
        const progress = line.match(
          /^\s*(\S+)\s+\S+?\.(\S+)\s.*?: (Creating|Creation complete|Still creating|Modif|Destr)/,
        );
        if (progress) at(`${progress[1]}: ${progress[2]}`);
      },
      explain: ({ output: said }) =>
        `The deployment failed (Terraform's providers come from ${source}):\n${errorOf(said)}\n` +
        "What was deployed so far stays; mend the cause and run the command again.",
    },
  );
  return sum([...output.matchAll(APPLIED)].map((match) => match.slice(1).map(Number)));
}

/** The stacks that were synthesized to a deployment's folder. */
export function synthesizedStacks(folder: string): Stack[] {
  const output = join(folder, "cdktf.out");
  const { stacks } = JSON.parse(readFileSync(join(output, "manifest.json"), "utf8")) as Manifest;
  return Object.entries(stacks).map(([id, { workingDirectory, synthesizedStackPath }]) => ({
    id,
    folder: join(output, workingDirectory),
    terraform: readFileSync(join(output, synthesizedStackPath), "utf8"),
  }));
}

/** CDKTF's list of its stacks, by id. */
interface Manifest {
  readonly stacks: Readonly<
    Record<string, { readonly workingDirectory: string; readonly synthesizedStackPath: string }>
  >;
}

export const outputsOf = (file: string): Outputs => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {});
export const outputsFileOf = (folder: string): string => join(folder, "outputs.json");

const sum = (rows: readonly (readonly number[])[]): Changes => {
  const column = (index: number) => rows.reduce((total, row) => total + (row[index] ?? 0), 0);
  return { added: column(0), changed: column(1), destroyed: column(2) };
};

/** The part of Terraform's output that says what went wrong. */
function errorOf(output: string): string {
  const lines = output.split("\n");
  const first = lines.findIndex((line) => /Error:|Error in|\[ERROR\]|cannot be used/.test(line));
  return first < 0 ? tail(output) : lines.slice(first, first + 25).join("\n");
}
