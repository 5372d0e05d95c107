import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { FUNCTIONS, type FunctionName } from "../../../contracts/functions";
import { DRIFT_METRICS, METRICS, type MetricName } from "../../../contracts/metrics";

const handlers = resolve(__dirname, "../../../handlers");

/** Reads all code of a function's folder. */
function codeOf(name: FunctionName): string {
  const folder = join(handlers, FUNCTIONS[name].room, name);
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n")
    .replace(/\bDRIFT_METRICS\b/, JSON.stringify(DRIFT_METRICS));
}

const functions = Object.keys(FUNCTIONS) as FunctionName[];
const code = new Map(functions.map((name) => [name, codeOf(name)]));

test.each(Object.keys(METRICS) as MetricName[])(
  "%s is measured by the function that its entry names alone",
  (metric) => {
    const measuring = functions.filter((name) => new RegExp(`\\b${metric}\\b`).test(code.get(name) ?? ""));
    expect(measuring).toEqual([METRICS[metric].of]);
  },
);
