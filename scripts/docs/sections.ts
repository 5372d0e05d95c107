import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { METRICS } from "../../contracts/metrics";
import { PROBLEMS } from "../../contracts/problems";
import { root } from "../lib/paths";
import { endpointCosts, trainingCosts } from "./costs";
import { eventTables } from "./events";
import { code, table } from "./markdown";
import { readersOfPlayers } from "./readers";
import type { Terraform } from "./stacks";

/** A file of docs/examples as a block of code. */
const example = (name: string) => (): string => {
  const text = readFileSync(join(root, "docs", "examples", name), "utf8").trimEnd();
  return `\`\`\`${name.split(".").at(-1)}\n${text}\n\`\`\``;
};

const EXAMPLES = ["request.json", "answer.json", "predict.py", "predict.ts", "receive.ts"];

/** Sections of pages that are made from code, by the name between `<!-- made: … -->` and `<!-- end -->`. */
export const SECTIONS: Readonly<Record<string, (terraform: Terraform) => string>> = {
  /** The decisions with their titles. */
  decisions: () =>
    readdirSync(join(root, "docs", "decisions"))
      .sort()
      .map((file) => {
        const [heading = ""] = readFileSync(join(root, "docs", "decisions", file), "utf8").split("\n");
        const [, number, title] = /^# (\d+)\. (.+)$/.exec(heading) ?? [];
        if (title === undefined) throw new Error(`docs/decisions/${file} must begin with "# <number>. <title>"`);
        return `- [${number}: ${title}](decisions/${file})`;
      })
      .join("\n"),
  /** Tabulates how the API refuses requests. */
  problems: () =>
    table(
      ["type", "status", "title", "`Retry-After`"],
      Object.entries(PROBLEMS).map(([type, problem]) => [
        code(type),
        String(problem.status),
        problem.title,
        "retryAfterInSeconds" in problem ? `${problem.retryAfterInSeconds} s` : "",
      ]),
    ),
  metrics: () =>
    table(
      ["metric", "unit", "`service`", "one per"],
      Object.entries(METRICS).map(([name, { unit, of, by }]) => [code(name), unit, code(of), by]),
    ),
  events: eventTables,
  /** The roles that may read players' data. */
  readers: readersOfPlayers,
  "endpoint-costs": endpointCosts,
  "training-costs": trainingCosts,
  ...Object.fromEntries(EXAMPLES.map((name) => [name, example(name)])),
};
