import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CAPTURED, RECORDS } from "../../../contracts/data-layout";
import { FUNCTIONS } from "../../../contracts/functions";
import { JOBS } from "../../../contracts/jobs";
import { ROUTES } from "../../../contracts/routes";
import { DRIFT, PARTS, ROWS, RUN_FILES, RUNS } from "../../../contracts/run-layout";
import { SERVING_FIELDS } from "../../../contracts/serving-record";

const page = readFileSync(join(__dirname, "../../../docs/contracts.md"), "utf8");

/** Whatever stands in backquotes. */
const quoted = [...page.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text as string).join("\n");

test.each<[string, readonly string[]]>([
  ["field of a serving record", SERVING_FIELDS.map((field) => `"${field}"`)],
  ["route", Object.values(ROUTES).map(({ method, path }) => `${method} /${path}`)],
  ["part of a run", PARTS],
  ["prefix", [RUNS, ROWS, DRIFT, RECORDS, CAPTURED]],
  ["file of a run", Object.values(RUN_FILES).map((path) => path.slice(path.lastIndexOf("/") + 1))],
  ["program", Object.values(JOBS).map(({ program }) => program)],
])("docs/contracts.md tells of every %s", (_, words) => {
  expect(words.filter((word) => !quoted.includes(word))).toEqual([]);
});

test("docs/contracts.md says who writes the files of a run by names of functions, programs and services", () => {
  const tables = [...page.matchAll(/^\| path \| written by \| content \|\n\|[- |]+\n((?:\|.*\n)+)/gm)];
  const writers = tables.flatMap(([, rows = ""]) =>
    rows.split("\n").flatMap((row) => row.split(" | ")[1]?.split(", ") ?? []),
  );
  const known = [...Object.keys(FUNCTIONS), ...Object.values(JOBS).map(({ program }) => program)];
  expect(writers.length).toBeGreaterThan(10);
  expect(writers.filter((name) => ![...known, "training", "Ground Truth"].includes(name))).toEqual([]);
});
