import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { unzipSync } from "fflate";
import { models } from "../../catalogue/models";
import { buildHandlers } from "../bundle/handlers";
import { root } from "../lib/paths";
import { runOrThrow, tail } from "../lib/process";
import { benchFolder } from "./folder";
import type { Result } from "./result";
import { alternate, median } from "./statistics";

const ROUNDS = 9;

interface BuiltFunction {
  readonly name: string;
  readonly zipBytes: number;
  /** What Lambda unpacks and loads. */
  readonly index: string;
}

let built: Promise<BuiltFunction[]> | undefined;

/** Built once a run, and always anew: outside of synth's bundle, `buildHandlers` does not see all that it depends on. */
function builtFunctions(): Promise<BuiltFunction[]> {
  built ??= buildFunctions();
  return built;
}

async function buildFunctions(): Promise<BuiltFunction[]> {
  rmSync(benchFolder("functions"), { recursive: true, force: true });
  const artefacts = await buildHandlers(root, benchFolder("functions"));
  return Object.entries(artefacts).map(([name, { path }]) => {
    const index = benchFolder("functions", name, "index.js");
    mkdirSync(dirname(index), { recursive: true });
    writeFileSync(index, unzipSync(readFileSync(path))["index.js"] as Uint8Array);
    return { name, zipBytes: statSync(path).size, index };
  });
}

const kilobytes = (bytes: number) => bytes / 1000;

export async function measureSizes(): Promise<Result[]> {
  return (await builtFunctions()).map(({ name, zipBytes, index }) => ({
    what: `bundle of ${name}`,
    value: kilobytes(zipBytes),
    unit: "kB",
    detail: `zip; index.js ${kilobytes(statSync(index).size).toFixed(1)} kB`,
  }));
}

const arn = (name: string) => `arn:aws:lambda:eu-west-1:000000000000:function:vwt-bench-${name}:live`;
const byDataset = (of: (dataset: string) => string) =>
  JSON.stringify(Object.fromEntries(models.map(({ dataset }) => [dataset, of(dataset)])));
const byModel = (of: (model: string) => unknown) =>
  JSON.stringify(Object.fromEntries(models.map(({ name }) => [name, of(name)])));

/** What any of the functions reads at load; each takes what it knows. */
const environment = {
  ENVIRONMENT: "bench",
  LOG_LEVEL: "INFO",
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  PREPROCESS_FUNCTIONS: byDataset((dataset) => arn(`preprocess-${dataset}`)),
  PREDICT_FUNCTION: arn("predict"),
  MAX_RECORDS: "100",
  MAX_BODY_BYTES: "5000000",
  REQUEST_BUDGET_MS: "8000",
  ENDPOINTS: byModel((model) => ({ endpoint: model, servingParameter: `/vwt/bench/models/${model}/serving` })),
  ENDPOINT_TIMEOUT_MS: "3000",
  DATA_BUCKETS: byDataset((dataset) => `vwt-bench-data-${dataset}`),
  MODEL_BUCKETS: byModel((model) => `vwt-bench-model-${model}`),
};

/** Measured inside the process: what Node needs to start is not ours to change. */
const LOAD = `
  const started = performance.now();
  require(process.argv[1]);
  console.log(performance.now() - started);
  process.exit();`;

async function loadMilliseconds(index: string): Promise<number> {
  const { stdout } = await runOrThrow(process.execPath, ["--eval", LOAD, index], {
    env: { PATH: process.env.PATH, ...environment },
    explain: ({ output }) => `${index} could not be loaded:\n${tail(output)}`,
  });
  return Number(stdout);
}

export async function measureColdStarts(at: (what: string) => void): Promise<Result[]> {
  const empty = benchFolder("functions", "empty.js");
  const functions = await builtFunctions();
  writeFileSync(empty, "");
  const measured = await alternate(
    ROUNDS,
    Object.fromEntries(
      [{ name: "", index: empty }, ...functions].map(({ name, index }) => [name, () => loadMilliseconds(index)]),
    ),
    at,
  );
  const floor = { name: "empty module", value: median(measured[""] as readonly number[]) };
  return functions.map(({ name }) => ({
    what: `cold start of ${name}`,
    value: median(measured[name] as readonly number[]),
    unit: "ms",
    floor,
  }));
}
