import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { datasets } from "../../../catalogue/datasets";
import { PSI } from "../../../catalogue/drift/bins";
import { models } from "../../../catalogue/models";
import { maximumCostInUsd, TIERS } from "../../../catalogue/training/compute";
import { loadConfig, parseConfig } from "../../../config";
import { production as written } from "../../../config/production";
import { FUNCTIONS } from "../../../contracts/functions";
import { EVENTS } from "../../../contracts/notifications";
import { PROBLEMS } from "../../../contracts/problems";
import { RUN_STATUSES } from "../../../contracts/run-result";
import { CAPTURE_BUDGET_MS } from "../../../handlers/api/predict/capture";
import { PREREQUISITES } from "../../../scripts/lib/prerequisites";
import { STACKS } from "../../readme";

const root = join(__dirname, "..", "..", "..");
const page = (name: string) => readFileSync(join(root, name), "utf8");
const production = loadConfig("production");
const [settings] = Object.values(production.models);
const leastInstances = settings?.serving.mode === "realtime" ? settings.serving.minInstances : 0;
const thousands = (value: number) => value.toLocaleString("en-US");

const PAGES = ["", "docs", "docs/decisions"].flatMap((folder) =>
  readdirSync(join(root, folder)).flatMap((name) => (name.endsWith(".md") ? [join(folder, name)] : [])),
);

/** Sentences of pages, as patterns with a group for each figure, and the figures of the code. */
const FIGURES: readonly (readonly [page: string, says: RegExp, is: readonly unknown[]])[] = [
  [
    "README.md",
    /Python ≥ (\S+) and Terraform ≥ (\S+)\. /,
    [PREREQUISITES.python, PREREQUISITES.terraform].map(({ minimum }) => minimum.join(".")),
  ],
  ["README.md", /and up to (\d+) records/, [production.api.maxRecords]],
  ["README.md", /now or in the last (\d+) days/, [production.api.rememberRiskForDays]],
  [
    "README.md",
    /each model retrains every (seven) days/,
    [settings?.retraining.schedule === "rate(7 days)" && "seven"],
  ],
  ["README.md", /`production` \((\w+) instances/, [inWords({ length: leastInstances })]],
  ["docs/api.md", /records \((\d+)\) in at most/, [production.api.maxRecords]],
  ["docs/api.md", /`api.maxBodyInBytes` \((\d+) MB\)/, [production.api.maxBodyInBytes / 1e6]],
  [
    "docs/architecture.md",
    /It has ([\w-]+) stacks, ([\w-]+) kinds of Lambda functions/,
    [STACKS, Object.keys(FUNCTIONS)].map(inWords),
  ],
  ["docs/contracts.md", /`api.servingRecordFreshInSeconds` \((\d+);/, [production.api.servingRecordFreshInSeconds]],
  ["docs/operations.md", /\| `ScoreDrift`, `ScoreChange` \|.*\| ([\d.]+) \|/, [production.drift.thresholds.score]],
  [
    "docs/operations.md",
    /\| `FeaturesDrift`, `FeaturesChange` \|.*\| ([\d.]+) \|/,
    [production.drift.thresholds.features],
  ],
  ["docs/operations.md", /\| `RiskDrift`, `RiskChange` \|.*\| ([\d.]+) \|/, [production.drift.thresholds.risk]],
  ["docs/operations.md", /\| `DomainDrift`, `DomainChange` \|.*\| ([\d.]+) \|/, [production.drift.thresholds.domain]],
  ["docs/operations.md", /\| up to ([\d.]+) \| as it was \|/, [PSI.notable]],
  ["docs/operations.md", /\| above ([\d.]+) \| another population \|/, [PSI.major]],
  ["docs/operations.md", /Capture runs beside the answer, takes at most (\d+) ms/, [CAPTURE_BUDGET_MS]],
  ["docs/operations.md", /The default of (\d+) dollars/, [settings?.retraining.maximumCostInUsd]],
  [
    "docs/ml-engineers.md",
    /fewer than `minimumForAutomatic` \(([\d,]+)\)/,
    [thousands(settings?.retraining.labelling.minimumForAutomatic ?? 0)],
  ],
  [
    "docs/ml-engineers.md",
    /equal votes of at most `mostVotes` labellers \((\d) of (\d)\)/,
    [settings?.retraining.labelling.votesToAgree, settings?.retraining.labelling.mostVotes],
  ],
  ...models
    .filter(({ target }) => target === "problem-gambling")
    .map(({ dataset, hyperparameters: { max_depth, eta, gamma, num_round } }) => {
      const says = /model's hyperparameters \(depth (\d), eta ([\d.]+), gamma ([\d.]+), (\d+) rounds\)/;
      return [`catalogue/datasets/${dataset}/README.md`, says, [max_depth, eta, gamma, num_round]] as const;
    }),
  [
    "docs/operations.md",
    /lets up to (\d+) GB through/,
    [
      Math.max(
        ...TIERS.map(({ maxBytes }) => maxBytes).filter(
          (bytes) => maximumCostInUsd(bytes, production.region) <= (settings?.retraining.maximumCostInUsd ?? 0),
        ),
      ) / 1e9,
    ],
  ],
];

function inWords({ length }: { readonly length: number }): string {
  const words =
    "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty twenty-one twenty-two twenty-three twenty-four twenty-five twenty-six twenty-seven twenty-eight twenty-nine thirty";
  return words.split(" ")[length] ?? String(length);
}

test.each(FIGURES)("%s tells the code's figures: %s", (name, says, is) => {
  const [, ...figures] = says.exec(page(name)) ?? [];
  expect(figures).toEqual(is.map(String));
});

/** The first cells of the table that has this head, without their marks. */
function listed(text: string, head: string): string[] {
  const [, rows = ""] = text.split(new RegExp(`^\\| *${head}[^\\n]*\\n\\|[- |]+\\n`, "m"));
  return (rows.split("\n\n")[0] ?? "").split("\n").flatMap((row) => {
    const [, cell = ""] = row.split("|");
    return [...cell.matchAll(/[\w-]+/g)].map(([word]) => word);
  });
}

const names = (things: readonly { readonly name: string }[]) => things.map(({ name }) => name);

/** Tables that list what the code has: page, head of the first column, and the list. */
const LISTS: readonly (readonly [page: string, head: string, is: readonly string[]])[] = [
  ["README.md", "model", names(models)],
  ["README.md", "stack", STACKS],
  ["docs/contracts.md", "dataset", names(datasets)],
  ["docs/contracts.md", "model", names(models)],
  ["docs/api.md", "status", [...new Set(Object.values(PROBLEMS).map(({ status }) => String(status)))]],
  ["docs/ml-engineers.md", "result", RUN_STATUSES],
];

test.each(LISTS)("%s lists what there is: %s", (name, head, is) => {
  expect(listed(page(name), head).sort()).toEqual([...is].sort());
});

test("docs/ml-engineers.md names every event of the topic", () => {
  const [, said = ""] = /as JSON with an `event`: ([^.]+)\./.exec(page("docs/ml-engineers.md")) ?? [];
  expect([...said.matchAll(/`(\w+)`/g)].map(([, event]) => event).sort()).toEqual([...EVENTS].sort());
});

test("docs/contracts.md tells what each model needs", () => {
  for (const { name, needs } of models) {
    const row =
      page("docs/contracts.md")
        .split("\n")
        .find((line) => line.startsWith(`| \`${name}\` |`)) ?? "";
    for (const group of needs.groups) expect(row).toContain(`\`${group}\``);
    expect([name, /the last (\d+) days/.exec(row)?.[1]]).toEqual([name, needs.days && String(needs.days.upTo)]);
  }
});

test("paths that pages name in the repository are there", () => {
  // What Git ignores is made on a machine, and not there after a clone.
  const made = page(".gitignore").split("\n");
  const rooms = readdirSync(root, { withFileTypes: true })
    .flatMap((each) => (each.isDirectory() ? [each.name] : []))
    .filter((name) => !made.includes(`${name}/`));
  const missing = PAGES.flatMap((name) =>
    [...page(name).matchAll(/`([\w.-]+(?:\/[\w.-]+)+)\/?`/g)]
      .map(([, path = ""]) => path)
      .filter((path) => rooms.includes(path.split("/")[0] as string) && !path.startsWith("."))
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${name}: ${path}`),
  );
  expect(missing).toEqual([]);
});

test("CONTRIBUTING.md answers eight questions, by places that have what it says", () => {
  const [, answers = ""] = /^## Where is …\?$(.*?)^The rooms/ms.exec(page("CONTRIBUTING.md")) ?? [];
  expect(answers.match(/^\| (Where|What|Which) .*\? \| /gm)).toHaveLength(8);
  const named = [...answers.matchAll(/\[`([^`]+)`\]\([^)]+\), `(\w+)`/g)];
  expect(named.map(([, , word]) => word)).toEqual(["riskThresholds", "PASSING_ERRORS", "METRICS"]);
  for (const [, path = "", word = ""] of named) expect(page(path)).toMatch(new RegExp(`\\b${word}\\b`));
});

test("the picture of a request shows every function of the API", () => {
  const { boxes } = JSON.parse(page("docs/diagrams/request-path.json")) as {
    boxes: Record<string, { lines: string[] }>;
  };
  const shown = Object.values(boxes).map(({ lines: [name = ""] }) => name.replace("-<dataset>", ""));
  const functions = Object.entries(FUNCTIONS).filter(([, { room }]) => room === "api");
  expect(functions.map(([name]) => name).filter((name) => !shown.includes(name))).toEqual([]);
});

test("settings that pages name are there", () => {
  const keys = [...page("docs/configuration.md").matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = ""]) =>
    key.replace(/^models\.(<name>|\*)\./, ""),
  );
  const groups = new Set(keys.map((key) => key.split(".")[0]));
  const unknown = PAGES.filter((name) => name !== "CHANGELOG.md").flatMap((name) =>
    // Upgrade notes name settings that were.
    [
      ...page(name)
        .replace(/^## Upgrade notes$.*?^## /ms, "")
        .matchAll(/`([a-z]\w*(?:\.\w+)+)(?:`|:)/g),
    ]
      .map(([, key = ""]) => key)
      .filter((key) => groups.has(key.split(".")[0]) && !/\.(ts|py|md|json|jsonl|html|csv|gz|sh)$/.test(key))
      .filter(
        (key) => !keys.some((known) => known === key || known.replace(/<name>/g, key.split(".")[1] ?? "") === key),
      )
      .map((key) => `${name}: ${key}`),
  );
  expect(unknown).toEqual([]);
});

test("every decision has a number of its own, and says its price", () => {
  const decisions = readdirSync(join(root, "docs", "decisions"));
  expect(new Set(decisions.map((name) => name.slice(0, 4))).size).toBe(decisions.length);
  for (const name of decisions)
    expect([name, page(`docs/decisions/${name}`)]).toEqual([name, expect.stringMatching(/Price/)]);
});

test("README.md quotes a refusal of the configuration as it is", () => {
  const wrong = { ...written, api: { ...written.api, endpointTimeoutInMs: 9000 } };
  let said = "";
  try {
    parseConfig(wrong, "config/production.ts");
  } catch (error) {
    said = (error as Error).message;
  }
  expect(said).not.toBe("");
  expect(page("README.md")).toContain(said);
});
