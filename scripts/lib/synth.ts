import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths";
import { type Finished, runOrThrow, tail } from "./process";

export interface SynthOptions {
  readonly environment: string;
  /** Folder for the Terraform. */
  readonly output: string;
  /** Folder for what is built, such as functions' bundles; systems that are deployed side by side need one each. */
  readonly dist: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Another program than that of `cdktf.json`. */
  readonly program?: string;
}

/** The program of `cdktf.json`. */
export const PROGRAM = join("modules", "bundling", "synth.mjs");

/** Synthesizes an environment with the program of `cdktf.json`, without the seconds that the CDKTF CLI takes to start. */
export function synthesize({
  environment,
  output,
  dist,
  env = process.env,
  program = PROGRAM,
}: SynthOptions): Promise<Finished> {
  mkdirSync(output, { recursive: true });
  return runOrThrow(process.execPath, [program], {
    cwd: root,
    env: { ...env, VWT_ENVIRONMENT: environment, VWT_DIST: dist, CDKTF_OUTDIR: output },
    explain: ({ output: said }) => `${environment} cannot be synthesized:\n${tail(said)}`,
  });
}
