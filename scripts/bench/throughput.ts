import { build } from "esbuild";
import { datasets } from "../../catalogue/datasets";
import { recordValidators } from "../../modules/bundling/record-validators";
import { root } from "../lib/paths";
import { runOrThrow, tail } from "../lib/process";
import { benchFolder } from "./folder";
import type { Result } from "./result";

interface Rates {
  readonly parse: number;
  readonly pipeline: number;
  readonly prepare: number;
  /** Size of an average record. */
  readonly bytes: number;
}

/** On one core, and from a bundle: what tsx adds to closures would slow features down. */
export async function measureThroughput(at: (what: string) => void): Promise<Result[]> {
  const outfile = benchFolder("throughput.js");
  await build({
    absWorkingDir: root,
    entryPoints: ["scripts/bench/entries/throughput.ts"],
    outfile,
    plugins: [recordValidators(root)],
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    minifySyntax: true,
    logLevel: "error",
  });
  const results: Result[] = [];
  for (const { name } of datasets) {
    at(name);
    const { stdout } = await runOrThrow(process.execPath, [outfile, name], {
      explain: ({ output }) => `Features of ${name} could not be measured:\n${tail(output)}`,
    });
    const { parse, pipeline, prepare, bytes } = JSON.parse(stdout) as Rates;
    for (const [what, value] of [
      ["features", pipeline],
      ["training rows", prepare],
    ] as const) {
      results.push({
        what: `${what} of ${name}`,
        value,
        unit: "records/s",
        detail: `${(bytes / 1000).toFixed(1)} kB a record`,
        floor: { name: "JSON.parse alone", value: parse },
      });
    }
  }
  return results;
}
