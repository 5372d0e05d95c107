import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { datasets } from "../../catalogue/datasets";
import type { Model } from "../../catalogue/models";
import type { Config } from "../../config";
import type { Artefact } from "../../modules/artefact";
import { addStacks } from "../../stacks";

/** What `synthesize` writes to the program's standard input. */
export interface Wanted {
  readonly config: Config;
  readonly catalogue: readonly Model[];
}

const FUNCTIONS = [
  "filter",
  "predict",
  "plan",
  "check-request",
  "gate",
  "await-approval",
  "probe",
  "tally",
  "ask",
  "collect",
  "prune",
  "labelling",
  "drift",
  ...datasets.flatMap(({ name }) => [`preprocess-${name}`, `prepare-${name}`]),
];

/** The Terraform of each stack, by name, with stand-ins for the built artefacts. */
function stacksOf({ config, catalogue }: Wanted, folder: string): Record<string, unknown> {
  const artefact = (name: string): Artefact => {
    const path = join(folder, `${name}.zip`);
    writeFileSync(path, name);
    return { name: `${name}.zip`, path, sha256: Buffer.from(name.padEnd(32).slice(0, 32)).toString("hex") };
  };
  const app = new App({ outdir: join(folder, "out") });
  addStacks(app, {
    config,
    models: catalogue,
    bundles: Object.fromEntries(FUNCTIONS.map((name) => [name, artefact(name)])),
    initialModels: Object.fromEntries(catalogue.map(({ name }) => [name, artefact(name)])),
    evaluationCode: [artefact("evaluate")],
  });
  app.synth();
  const stacks = join(folder, "out", "stacks");
  return Object.fromEntries(
    readdirSync(stacks).map((name) => [name, JSON.parse(readFileSync(join(stacks, name, "cdk.tf.json"), "utf8"))]),
  );
}

const folder = mkdtempSync(join(tmpdir(), "vwt-synth-"));
try {
  console.log(JSON.stringify(stacksOf(JSON.parse(readFileSync(0, "utf8")), folder)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
