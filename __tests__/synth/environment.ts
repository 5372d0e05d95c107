import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { datasetNamed, datasets } from "../../catalogue/datasets";
import type { Dataset } from "../../catalogue/datasets/kit/dataset";
import type { Model } from "../../catalogue/models";
import { TARGETS, type Target, type TargetEntry } from "../../catalogue/targets";
import type { Config } from "../../config";
import { deployedFunctions } from "../../contracts/functions";
import { withoutStackTraces } from "../../modules/base/stack-traces";
import type { Asset } from "../../modules/storage/asset";
import { addStacks } from "../../stacks";
import NodeEnvironment from "../environment";

/** A configuration and a catalogue whose stacks tests ask for. */
export interface Wanted {
  readonly config: Config;
  readonly catalogue: readonly Model[];
  readonly added?: Added;
}

/** Entries that the catalogue has for one synthesis only. */
export interface Added {
  /** Another dataset, which has all but its name of one that there is. */
  readonly dataset: { readonly name: string; readonly like: string };
  /** Another target, with what is its own. */
  readonly target: { readonly name: string; readonly like: Target } & Partial<Omit<TargetEntry, "label" | "tellsRisk">>;
}

/** Runs something with entries of the catalogue added. */
function withAdded<T>(added: Added | undefined, run: () => T): T {
  if (added === undefined) return run();
  const every = datasets as Dataset[];
  const targets = TARGETS as Record<string, TargetEntry>;
  const { name, like, ...own } = added.target;
  every.push({ ...datasetNamed(added.dataset.like), name: added.dataset.name });
  targets[name] = { ...TARGETS[like], ...own } as TargetEntry;
  try {
    return run();
  } finally {
    every.pop();
    delete targets[name];
  }
}

/** The Terraform of each stack, by name, with stand-ins for the built assets. */
function stacksOf(config: Config, catalogue: readonly Model[], folder: string): Record<string, unknown> {
  const asset = (name: string): Asset => {
    const path = join(folder, `${name}.zip`);
    writeFileSync(path, name);
    return { name: `${name}.zip`, path, sha256: Buffer.from(name.padEnd(32).slice(0, 32)).toString("hex") };
  };
  const functions = deployedFunctions(datasets.map(({ name }) => name));
  const app = new App({ outdir: join(folder, "out") });
  addStacks(app, {
    config,
    models: catalogue,
    bundles: Object.fromEntries(functions.map(({ name }) => [name, asset(name)])),
    initialModels: Object.fromEntries(catalogue.map(({ name }) => [name, asset(name)])),
    evaluationCode: [asset("evaluate")],
  });
  app.synth();
  const stacks = join(folder, "out", "stacks");
  return Object.fromEntries(
    readdirSync(stacks).map((name) => [name, JSON.parse(readFileSync(join(stacks, name, "cdk.tf.json"), "utf8"))]),
  );
}

const known = new Map<string, string>();

/** Takes what `Wanted` describes as JSON and answers the Terraform of each stack as JSON; once for the same input. */
function synthesized(input: string): string {
  const before = known.get(input);
  if (before !== undefined) return before;
  const { config, catalogue, added } = JSON.parse(input) as Wanted;
  const folder = mkdtempSync(join(tmpdir(), "vwt-synth-"));
  try {
    // Jest looks each frame of a stack trace up in source maps.
    const stacks = JSON.stringify(
      withoutStackTraces(() => withAdded(added, () => stacksOf(config, catalogue, folder))),
    );
    known.set(input, stacks);
    return stacks;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Jest's world for tests of Terraform, which synthesizes outside of it: there cdktf is loaded once for all test files,
 * and in a tenth of the time.
 */
export default class SynthEnvironment extends NodeEnvironment {
  constructor(...given: ConstructorParameters<typeof NodeEnvironment>) {
    super(...given);
    this.global.synthesized = synthesized;
  }
}
