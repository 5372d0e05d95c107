import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { xgboost } from "../../catalogue/algorithms/xgboost";
import { ONE_CURRENCY } from "../../catalogue/datasets/kit/money";
import { AUTOMATIC_LABELS } from "../../catalogue/labelling/modes";
import { type Model, models } from "../../catalogue/models";
import { TARGETS, type Target } from "../../catalogue/targets";
import { impossible, judge } from "../../catalogue/training/gate";
import { CONTEXT_COLUMNS, SUBGROUP_ATTRIBUTES, subgroups } from "../../catalogue/training/subgroups";
import { SCHEMA_VERSIONS } from "../../contracts/jobs";
import { parse } from "../../contracts/parse";
import { CONTRACT_FILE, type PYTHON_CONTRACT } from "../../contracts/python";
import { automaticReport, evaluation, unlabelled } from "../../contracts/run-files";
import { parseRunResults } from "../../contracts/run-result";
import { csvRow } from "../../handlers/lib/records/csv";
import { recordReader } from "../../handlers/lib/records/records";
import { parseReference } from "../../handlers/monitoring/drift/logic";
import { GroupWriter } from "../../handlers/retraining/prepare/group";
import { createLineReader, splitOf } from "../../handlers/retraining/prepare/line";
import { modelReader } from "../../handlers/retraining/prepare/model-reader";
import { buildInitialModels } from "../../modules/bundling/initial-model";
import { toy, toyRecord } from "../unit/handlers/toy";
import { argumentsOf, HARM, MB, planOf } from "./runs";
import { mainStateMachine } from "./states";
import { synthesize } from "./synthesize";

// Every entry of what TypeScript and Python both know is needed here too: when it is another, a check fails. What Python
// does with it: containers/tests/test_contract.py. That the file is as it is made: documents.test.ts.

type Contract = typeof PYTHON_CONTRACT;
type Json = string | number | readonly Json[] | { readonly [key: string]: Json };

const known = JSON.parse(readFileSync(join(__dirname, "..", "..", CONTRACT_FILE), "utf8")) as Contract;
const { stepFunctions, sagemaker } = synthesize("production");
const machine = mainStateMachine(stepFunctions);

interface Asked {
  readonly ProcessingInputs: readonly { readonly S3Input: { readonly LocalPath: string } }[];
  readonly ProcessingOutputConfig: {
    readonly Outputs: readonly { readonly S3Output: { readonly LocalPath: string } }[];
  };
  readonly AppSpecification: {
    readonly ContainerEntrypoint: readonly string[];
    readonly ContainerArguments: readonly string[];
  };
}

/** Tells whether the state machine starts a program with the folders that it reads and writes. */
const job =
  (state: string, name: keyof Contract["jobs"], read: Readonly<Record<string, string>>) =>
  async (contract: Contract) => {
    const { program, inputs, outputs, files, options } = contract.jobs[name];
    const asked = await argumentsOf<Asked>(machine, state, {
      modelSettings: machine.settings[HARM],
      plan: planOf(HARM, MB),
      artefact: "s3://bucket/candidate.tar.gz",
      labellingModel: "s3://bucket/model.tar.gz",
    });
    const folders = (names: Readonly<Record<string, string>>) =>
      Object.values(names).map((folder) => `/opt/ml/processing/${folder}`);
    const found = asked.ProcessingInputs.map(({ S3Input }) => S3Input.LocalPath);
    expect(found.sort()).toEqual([...folders(inputs), "/opt/ml/processing/code"].sort());
    expect(asked.ProcessingOutputConfig.Outputs.map(({ S3Output }) => S3Output.LocalPath).sort()).toEqual(
      folders(outputs).sort(),
    );
    expect(asked.AppSpecification.ContainerEntrypoint).toEqual(["python3", `/opt/ml/processing/code/${program}`]);
    expect(asked.AppSpecification.ContainerArguments.filter((each) => each.startsWith("--")).sort()).toEqual(
      Object.values(options).sort(),
    );
    expect(files).toEqual(read);
  };

/** Bins of a value that is always there, and always the same. */
const BINS = { edges: [], shares: [1], missing: 0 };

const PLAYERS = Array.from({ length: 200 }, (_, index) => `player-${index}`);

/** Rows that no model of the toy's dataset has a label for. */
const readLine = createLineReader(
  modelReader({ needs: { groups: [] } }, recordReader(toy, ONE_CURRENCY)),
  () => null,
  () => "task",
);

const target = (task: string) =>
  (Object.keys(TARGETS) as Target[]).find((name) => TARGETS[name].task === task) as Target;

const readReference = (document: object) =>
  expect(parseReference(JSON.stringify({ schemaVersion: SCHEMA_VERSIONS.reference, ...document }), 1)).toBeDefined();

/** A line of `unlabelled/`, without the weight. */
const lineOf = (split: string) => ({
  ...{ task: "0", playerId: "player-1", operatorId: "operator-1", asOf: "2026-11-01T00:00:00Z" },
  ...{ split, context: ",,,#", row: "1" },
});

const CHECKS: Readonly<Record<string, (contract: Contract) => void | Promise<void>>> = {
  splits: ({ splits }) => {
    expect([...new Set(PLAYERS.map((player) => splitOf("operator", player)))].sort()).toEqual([...splits].sort());
  },
  unlabelled: ({ unlabelled: { row, split, weight } }) => {
    const line = readLine(JSON.stringify({ ...toyRecord(), outcome: {} }));
    expect(line).toMatchObject({ unlabelled: { [row]: "12.5,nan", [split]: splitOf("operator-1", "player-1") } });
    parse(unlabelled, { ...lineOf("train"), [weight]: 0.5 }, "a line");
  },
  outOfTime: ({ outOfTime }) => {
    parse(unlabelled, { ...lineOf(outOfTime), weight: 1 }, "a line");
  },
  automaticLabels: ({ automaticLabels }) => {
    expect(AUTOMATIC_LABELS).toEqual(automaticLabels);
  },
  missing: ({ missing }) => expect(csvRow([null])).toBe(missing),
  partBytes: async ({ partBytes }) => {
    const parts: number[] = [];
    const upload = async (_: string, body: Buffer) => void parts.push(body.length);
    const writer = new GroupWriter("run", "records/a.jsonl", upload, {});
    const before = "1,1,\n".length;
    const row = "0".repeat(partBytes - before);
    for (const [index, text] of [row.slice(before), "", row].entries()) {
      const label = { value: 1, source: "operator" } as const;
      const found = {
        kind: "row",
        use: "labelled",
        split: "train",
        label,
        lesson: { answer: 1, weight: 1 },
        row: text,
        tested: text,
        context: "",
        identity: Buffer.alloc(16, index),
        operatorId: "operator-1",
      } as const;
      writer.take(found, 1, { key: "records/a.jsonl", modified: 0, line: index, record: index });
      await writer.flush();
    }
    expect(parts).toEqual([partBytes, partBytes]);
  },
  ageBands: ({ ageBands }) => {
    const bands = Array.from({ length: 100 }, (_, age) => subgroups({ age })[0]);
    expect(bands.flatMap((band, age) => (age > 0 && band !== bands[age - 1] ? [age - 1] : []))).toEqual(ageBands);
  },
  playerColumn: ({ playerColumn }) => {
    expect(CONTEXT_COLUMNS).toEqual([...SUBGROUP_ATTRIBUTES, playerColumn]);
  },
  booster: async ({ booster }) => {
    const folder = mkdtempSync(join(tmpdir(), "contract-"));
    const [model] = models;
    const { [(model as Model).name]: asset } = await buildInitialModels([model as Model], folder);
    const archive = gunzipSync(readFileSync(asset?.path ?? ""));
    rmSync(folder, { recursive: true });
    expect(archive.subarray(0, 100).toString().replace(/\0+$/, "")).toBe(booster);
  },
  builtInImage: ({ builtInImage: { repository, tag, xgboost } }) => {
    const { aws_sagemaker_prebuilt_ecr_image: images } = sagemaker.json.data as Record<string, object>;
    expect(Object.values(images ?? {})).toEqual([
      expect.objectContaining({ repository_name: repository, image_tag: tag }),
    ]);
    expect(tag.replace("-", ".")).toBe(xgboost);
  },
  maximisedMetrics: ({ maximisedMetrics }) => {
    expect(xgboost.maximisedMetrics).toEqual(maximisedMetrics);
  },
  gateMetrics: ({ gateMetrics }) => {
    for (const [task, paths] of Object.entries(gateMetrics))
      for (const metric of paths) expect(impossible({ metric, better: "higher" }, target(task))).toBeUndefined();
  },
  "jobs.evaluate": job("Evaluate", "evaluate", {
    summary: "summary.json",
    cut: "cut.json",
    outOfTimeContext: "context",
    evaluation: "evaluation.json",
    reference: "baseline.json",
    referenceRows: "training.json",
    report: "report.html",
  }),
  "jobs.label": job("Label automatically", "label", { report: "automatic.json" }),
  "documents.evaluation": ({ documents }) => {
    const { data, candidate, champion, baselines, differences } = documents.evaluation;
    const document = {
      schemaVersion: 3,
      [data]: { rows: 1 },
      [candidate]: { metrics: { brier: 0.1 } },
      [champion]: null,
      [baselines]: {},
      [differences]: {},
    };
    const rules = [{ metric: "brier", better: "lower", mayLoseToChampion: 0 }] as const;
    judge(rules, parse(evaluation, document, "evaluation.json"));
  },
  "documents.reference": ({ documents: { reference } }) => {
    const { rows, features, score, risk } = reference;
    readReference({ [rows]: 1, [features]: [BINS], [score]: BINS, [risk]: null });
  },
  "documents.distribution": ({ documents: { distribution } }) => {
    const bins = { [distribution.edges]: [], [distribution.shares]: [1], [distribution.missing]: 0 };
    readReference({ rows: 1, features: [bins], score: BINS, risk: null });
  },
  "documents.riskShares": ({ documents: { riskShares } }) => {
    const groups = { moderate: 0.1, high: 0.3, severe: 0.6 };
    const risk = { [riskShares.thresholds]: groups, [riskShares.atOrAbove]: groups };
    readReference({ rows: 1, features: [BINS], score: BINS, risk });
  },
  "documents.automaticLabels": ({ documents: { automaticLabels } }) => {
    const { positive, negative, notUsed } = automaticLabels;
    const each = { labelled: 1, estimatedPrecision: null };
    const automatic = { [positive]: each, [negative]: each, [notUsed]: 0 };
    const labels = { mode: "automatic", reason: "", sources: {}, automatic };
    parseRunResults([{ model: "m", status: "Promoted", labels }]);
  },
  "schemaVersions.evaluation": ({ schemaVersions: { evaluation: schemaVersion } }) => {
    const nothing = { data: { rows: 1 }, champion: null, baselines: {}, differences: {} };
    parse(evaluation, { schemaVersion, candidate: { metrics: {} }, ...nothing }, "evaluation.json");
  },
  "schemaVersions.automaticLabels": ({ schemaVersions: { automaticLabels } }) => {
    parse(automaticReport, { schemaVersion: automaticLabels }, "automatic.json");
  },
  "schemaVersions.reference": ({ schemaVersions: { reference } }) => {
    readReference({ schemaVersion: reference, rows: 1, features: [BINS], score: BINS, risk: null });
  },
};

/** Paths of all values in a document. */
const entries = (value: Json, path: readonly string[] = []): readonly (readonly string[])[] =>
  typeof value === "object" ? Object.entries(value).flatMap(([key, each]) => entries(each, [...path, key])) : [path];

/** The document with another value at a path. */
function broken(value: Json, [first, ...rest]: readonly string[]): Json {
  if (first === undefined) return typeof value === "number" ? 2 * value + 1 : `${String(value)}-x`;
  const copied = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, Json>;
  copied[first] = broken(copied[first] as Json, rest);
  return copied;
}

test.each(Object.entries(CHECKS))("%s is what is made and read here", async (_, check) => {
  await check(known);
});

test.each(entries(known).map((path) => path.join(".")))("another %s is noticed", async (path) => {
  const [check] = Object.entries(CHECKS).filter(([start]) => `${path}.`.startsWith(`${start}.`));
  const other = broken(known, path.split(".")) as unknown as Contract;
  await expect(async () => check?.[1](other)).rejects.toThrow();
});
