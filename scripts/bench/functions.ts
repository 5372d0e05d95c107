import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { unzipSync } from "fflate";
import { loadConfig } from "../../config";
import { Naming } from "../../modules/base/naming";
import { runOrThrow, tail } from "../lib/process";
import { PROGRAM } from "../lib/synth";
import { benchFolder } from "./folder";
import type { Result } from "./result";
import { alternate, median } from "./statistics";
import { runSynth } from "./synth";

const ROUNDS = 9;
const OUT = "functions.out";

interface BuiltFunction {
  readonly name: string;
  readonly zipBytes: number;
  /** Size of all files in the zip. */
  readonly codeBytes: number;
  /** Path of the code that Lambda unpacks and loads. */
  readonly index: string;
  /** Environment variables, with Terraform's references in the place of names that only a deployment knows. */
  readonly environment: Readonly<Record<string, string>>;
}

interface SynthesizedStack {
  readonly resource?: {
    readonly aws_lambda_function?: Readonly<
      Record<string, { readonly function_name: string; readonly environment: { readonly variables: Variables } }>
    >;
  };
}
type Variables = Readonly<Record<string, string>>;

let built: Promise<BuiltFunction[]> | undefined;

/** Bundles and synthesizes all functions, once a run, by the program that does so for a deployment. */
function builtFunctions(): Promise<BuiltFunction[]> {
  built ??= buildFunctions();
  return built;
}

async function buildFunctions(): Promise<BuiltFunction[]> {
  rmSync(benchFolder(OUT), { recursive: true, force: true });
  await runSynth(PROGRAM, OUT);
  const stacks = benchFolder(OUT, "stacks");
  const environments = new Map(
    readdirSync(stacks)
      .map((stack) => JSON.parse(readFileSync(join(stacks, stack, "cdk.tf.json"), "utf8")) as SynthesizedStack)
      .flatMap(({ resource }) => Object.values(resource?.aws_lambda_function ?? {}))
      .map(({ function_name, environment }) => [function_name, environment.variables]),
  );
  const naming = new Naming(loadConfig("local"));
  const zips = readdirSync(benchFolder("dist", "functions")).filter((file) => file.endsWith(".zip"));
  return zips.map((file) => {
    const name = basename(file, ".zip");
    const zip = readFileSync(benchFolder("dist", "functions", file));
    const folder = benchFolder("functions", name);
    mkdirSync(folder, { recursive: true });
    const code = Object.entries(unzipSync(zip));
    for (const [path, bytes] of code) writeFileSync(join(folder, path), bytes);
    return {
      name,
      zipBytes: zip.length,
      codeBytes: code.reduce((sum, [, bytes]) => sum + bytes.length, 0),
      index: join(folder, "index.js"),
      environment: environments.get(naming.of("function", name)) ?? {},
    };
  });
}

const kilobytes = (bytes: number) => bytes / 1000;

export async function measureSizes(): Promise<Result[]> {
  return (await builtFunctions()).map(({ name, zipBytes, codeBytes }) => ({
    what: `bundle of ${name}`,
    value: kilobytes(zipBytes),
    unit: "kB",
    detail: `zip; ${kilobytes(codeBytes).toFixed(1)} kB of code`,
  }));
}

/** Environment variables that Lambda sets itself, as far as an AWS client wants them. */
const LAMBDA = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };

/** Measured inside the process, because Node's own start is not ours to change. */
const LOAD = `
  const started = performance.now();
  require(process.argv[1]);
  console.log(performance.now() - started);
  process.exit();`;

/** Node shows the line of the bundle that threw, which is as long as the bundle. */
const withoutCode = (output: string) =>
  output
    .split("\n")
    .filter(({ length }) => length < 500)
    .join("\n");

async function loadMilliseconds(index: string, environment: Variables): Promise<number> {
  const { stdout } = await runOrThrow(process.execPath, ["--eval", LOAD, index], {
    env: { PATH: process.env.PATH, ...LAMBDA, ...environment },
    explain: ({ output }) => `${index} could not be loaded:\n${tail(withoutCode(output))}`,
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
      [{ name: "", index: empty, environment: {} }, ...functions].map(({ name, index, environment }) => [
        name,
        () => loadMilliseconds(index, environment),
      ]),
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
