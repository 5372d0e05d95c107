import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { ALGORITHMS } from "../../../catalogue/algorithms";
import { xgboost } from "../../../catalogue/algorithms/xgboost";
import { datasetNamed, datasets } from "../../../catalogue/datasets";
import { type Model, models } from "../../../catalogue/models";
import { loadConfig } from "../../../config";
import { deliveryRulesOf } from "../../../config/schema/delivery";
import { FUNCTION_VARIABLES, VARIABLES, type VariableName } from "../../../contracts/environment";
import { deployedFunctions, FUNCTIONS } from "../../../contracts/functions";
import type { PreprocessReply } from "../../../contracts/request-path";
import { bundlePackages } from "../../../modules/bundling/bundle-packages";
import { evaluationCode } from "../../../modules/bundling/evaluation";
import { buildHandlers } from "../../../modules/bundling/handlers";
import { buildInitialModels } from "../../../modules/bundling/initial-model";
import { pack, zip } from "../../../modules/bundling/zip";

const root = resolve(__dirname, "../../..");
const scratch = mkdtempSync(join(tmpdir(), "vwt-bundle-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const hashes = (assets: Readonly<Record<string, { sha256: string }>>) =>
  Object.fromEntries(Object.entries(assets).map(([name, { sha256 }]) => [name, sha256]));

/** A value that each variable may have. */
const examples = Object.fromEntries(
  Object.entries(VARIABLES).map(([name, codec]) => {
    if ("least" in codec) return [name, String(Math.max(codec.least, 1))];
    if (name === "DRIFT_THRESHOLDS") return [name, '{"score":1,"features":1,"risk":1,"domain":1}'];
    if (name === "DELIVERY_RULES") return [name, JSON.stringify(deliveryRulesOf(loadConfig("local").delivery))];
    if (name === "WEBHOOK_REACH") return [name, "internet"];
    if (name === "OPERATORS") return [name, "[]"];
    return [name, /S$|MODELS_BY_GROUP|CURRENCIES|RATES/.test(name) ? "{}" : "x"];
  }),
) as Record<VariableName, string>;

describe("handler bundles", () => {
  const directory = join(scratch, "functions");
  let built: Awaited<ReturnType<typeof buildHandlers>>;
  beforeAll(async () => {
    built = await buildHandlers(root, directory);
  });

  test("there is one per folder of a room, and of those that read records one per dataset", () => {
    const folders = readdirSync(join(root, "handlers"), { recursive: true, encoding: "utf8" }).flatMap(
      (path) => /^(?!lib)\w+\/([\w-]+)\/index\.ts$/.exec(path)?.[1] ?? [],
    );
    const perDataset = ["extract-features", "prepare", "preprocess"];
    expect(Object.keys(built).sort()).toEqual(
      [
        ...folders.filter((name) => !perDataset.includes(name)),
        ...datasets.flatMap(({ name }) => perDataset.map((each) => `${each}-${name}`)),
      ].sort(),
    );
  });

  const unzipped = new Map<string, Readonly<Record<string, string>>>();
  /** Code of a function by the name of its file. */
  const filesOf = (name: string): Readonly<Record<string, string>> => {
    const known = unzipped.get(name);
    if (known) return known;
    const entries = Object.entries(unzipSync(readFileSync(join(directory, `${name}.zip`))));
    const files = Object.fromEntries(entries.map(([file, bytes]) => [file, Buffer.from(bytes).toString()]));
    unzipped.set(name, files);
    return files;
  };

  test("a bundle is a function's own code, and beside it that of packages", () => {
    const { "index.js": own, "packages.js": packages, ...others } = filesOf("filter");
    expect(others).toEqual({});
    expect(own).toMatch(/^"use strict";const\{[\w,]+\}=require\("\.\/packages\.js"\);/);
    expect(own).not.toMatch(/\bLambdaServiceException\b/);
    expect(packages).toMatch(/\bLambdaServiceException\b/);
  });

  test("bundles name no folder of this machine, and look for credentials in the environment alone", () => {
    for (const { name } of deployedFunctions(datasets.map((dataset) => dataset.name))) {
      const code = Object.values(filesOf(name)).join("\n");
      expect([name, code.includes(root)]).toEqual([name, false]);
      expect([name, /fromSSO|fromIni|fromInstanceMetadata/.exec(code)?.[0]]).toEqual([name, undefined]);
    }
  });

  test("bundles hold neither zod nor Ajv's compiler, but the compiled validators of the records that they read", () => {
    for (const { name, of } of deployedFunctions(datasets.map((dataset) => dataset.name))) {
      const code = Object.values(filesOf(name)).join("\n");
      // Nobody waits for those that read events, which zod parses.
      const readsEvents = FUNCTIONS[of].room === "interventions";
      const compilers = readsEvents ? /strictTypes/ : /ZodError|\$ZodType|strictTypes/;
      expect([name, compilers.exec(code)?.[0]]).toEqual([name, undefined]);
      const reads = FUNCTIONS[of].per === "dataset";
      if (reads) expect(code).toContain("JSON Schemas are not part of a handler's bundle");
    }
  });

  /** Loads a bundle as Lambda does, with the environment that `process.env` has. */
  const load = (name: string): { readonly handler: (event: object) => Promise<never> } => {
    const files = filesOf(name);
    const builtIn = createRequire(__filename);
    const required = (path: string): ReturnType<typeof load> => {
      const code = files[path.replace("./", "")];
      if (code === undefined) return builtIn(path);
      const module = { exports: {} as ReturnType<typeof load> };
      new Function("module", "exports", "require", code)(module, module.exports, required);
      return module.exports;
    };
    return required("./index.js");
  };

  test.each(deployedFunctions(datasets.map(({ name }) => name)))(
    "$name starts in its environment and in no other",
    (each) => {
      const before = { ...process.env };
      try {
        Object.assign(process.env, { AWS_REGION: "eu-west-1", ENVIRONMENT: "test", LOG_LEVEL: "INFO" });
        for (const name of FUNCTION_VARIABLES[each.of]) process.env[name] = examples[name];
        expect(load(each.name).handler).toEqual(expect.any(Function));
        process.env.LOG_LEVEL = "";
        expect(() => load(each.name)).toThrow(`The environment of ${each.of} is wrong: LOG_LEVEL is missing`);
      } finally {
        process.env = before;
      }
    },
  );

  test("a compiled validator finds what the run-time validator finds", async () => {
    const money = { CURRENCY: "EUR", CURRENCY_RATES: "{}", OPERATOR_CURRENCIES: "{}" };
    Object.assign(process.env, { ENVIRONMENT: "test", LOG_LEVEL: "ERROR", ...money });
    for (const dataset of datasets) {
      const { handler } = load(`preprocess-${dataset.name}`) as {
        handler: (event: object) => Promise<PreprocessReply>;
      };
      const [good] = readFileSync(join(root, "catalogue/datasets", dataset.name, "sample.jsonl"), "utf8").split("\n");
      const record = JSON.parse(good as string) as Record<string, unknown>;
      const { playerId: _, ...nameless } = record;
      const bad = [nameless, { ...record, asOf: "yesterday" }, { ...record, surprise: 1 }, { ...record, age: "old" }];
      for (const each of [record, ...bad]) {
        const { errors } = await handler({ requestId: "r", records: [{ index: 0, record: each }] });
        const expected = dataset.record
          .check(each)
          .map(({ pointer, message }) => ({ index: 0, pointer: `/records/0${pointer}`, message }));
        expect(errors).toEqual(expected);
        expect(errors.length === 0).toBe(each === record);
      }
    }
  });

  test("unchanged sources are not built again, changed ones are", async () => {
    // Every build writes new files.
    const files = () => Object.values(built).map(({ path }) => statSync(path).ino);
    const before = files();
    expect(hashes(await buildHandlers(root, directory))).toEqual(hashes(built));
    expect(files()).toEqual(before);
  });

  test("zips are identical from another folder and in another time zone", async () => {
    const copy = join(scratch, "copy");
    for (const each of [
      "catalogue",
      "chain",
      "contracts",
      "handlers",
      "modules",
      "scripts",
      "config",
      "stacks",
      "main.ts",
      "package.json",
      "tsconfig.json",
    ]) {
      cpSync(join(root, each), join(copy, each), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    utimesSync(join(copy, "handlers/api/filter/index.ts"), 1, 1);
    const script =
      'const { buildHandlers } = require("./modules/bundling/handlers.ts"); buildHandlers(process.cwd(), "out").then((built) => console.log(JSON.stringify(built)))';
    const output = execFileSync(process.execPath, ["--import", "tsx", "-e", script], {
      cwd: copy,
      env: { ...process.env, TZ: "Pacific/Kiritimati" },
      encoding: "utf8",
    });
    expect(hashes(JSON.parse(output))).toEqual(hashes(built));
  });
});

describe("what functions import from packages", () => {
  const place = join(scratch, "packages");
  const write = (path: string, text: string) => {
    mkdirSync(join(place, path, ".."), { recursive: true });
    writeFileSync(join(place, path), text);
  };
  const bundled = async (...sources: readonly string[]) =>
    [...(await bundlePackages(place, sources)).values()].map((packed) => gunzipSync(packed).toString());
  const SOURCE = 'export{a}from"pack";';
  const kept = () =>
    readdirSync(join(place, "node_modules/.cache/vwt")).map((name) => `node_modules/.cache/vwt/${name}`);

  beforeEach(() => {
    rmSync(place, { recursive: true, force: true });
    write("modules/bundling/bundle-packages.ts", "");
    write("node_modules/.package-lock.json", "{}");
    write("node_modules/pack/index.js", 'export const a = "first", b = "unused";');
  });

  test("is bundled once for an installation, and for each set of imports", async () => {
    expect(await bundled(SOURCE)).toEqual([expect.stringMatching(/^(?!.*unused).*first/s)]);
    write("node_modules/pack/index.js", 'export const a = "second", b = "used";');
    expect(await bundled(SOURCE, 'export{b}from"pack";')).toEqual([
      expect.stringContaining("first"),
      expect.stringContaining("used"),
    ]);
    write("node_modules/.package-lock.json", "{ }");
    expect(await bundled(SOURCE)).toEqual([expect.stringContaining("second")]);
  });

  test.each([
    ["was damaged", (path: string) => write(path, readFileSync(join(place, path), "latin1").replace(/.$/s, "?"))],
    ["was cut off", (path: string) => write(path, "")],
    ["has gone", (path: string) => rmSync(join(place, path))],
  ])("is bundled again when what was kept %s", async (_, spoil) => {
    const before = await bundled(SOURCE);
    spoil(kept()[0] as string);
    expect(await bundled(SOURCE)).toEqual(before);
    expect(kept()).toHaveLength(1);
  });

  test("is bundled where nothing can be kept", async () => {
    write("node_modules/.cache", "a file where the folder would be");
    expect(await bundled(SOURCE)).toEqual([expect.stringContaining("first")]);
  });
});

describe("zip", () => {
  test("holds what was put in, whatever the order", () => {
    const [a, b, x] = ["a", "b", "x"].map((text) => pack(Buffer.from(text))) as [Uint8Array, Uint8Array, Uint8Array];
    const archive = zip({ "b.js": b, "a.js": a });
    const text = Object.entries(unzipSync(archive)).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]);
    expect(text).toEqual([
      ["a.js", "a"],
      ["b.js", "b"],
    ]);
    expect(Buffer.from(archive)).toEqual(Buffer.from(zip({ "a.js": a, "b.js": b })));
    expect(Buffer.from(archive)).not.toEqual(Buffer.from(zip({ "b.js": b, "a.js": x })));
  });
});

describe("initial models", () => {
  test("know the dataset's number of features and the model's base score", () => {
    for (const model of models) {
      const features = datasetNamed(model.dataset).features.length;
      const { learner } = JSON.parse(ALGORITHMS[model.algorithm].initialModel(model, features)) as {
        learner: { learner_model_param: Record<string, string> };
      };
      expect(learner.learner_model_param.num_feature).toBe(String(features));
      expect(Number(learner.learner_model_param.base_score)).toBe(model.baseScore);
    }
  });

  test("are the same bytes every time, and differ between models", async () => {
    const first = await buildInitialModels(models, join(scratch, "one"));
    expect(hashes(await buildInitialModels(models, join(scratch, "two")))).toEqual(hashes(first));
    expect(new Set(Object.values(hashes(first))).size).toBe(models.length);
  });

  test("an objective without a known layout is refused by name", () => {
    const strange: Model = { ...(models[0] as Model), hyperparameters: { objective: "rank:map" } };
    expect(() => xgboost.initialModel(strange, 1)).toThrow(/"rank:map".*binary:logistic, reg:tweedie/);
  });
});

test("the jobs' folder has their programs and what these share, and nothing that tools left beside them", () => {
  const beside = join(scratch, "beside");
  const files = [
    "jobs/label.py",
    "jobs/vwt_label/main.py",
    "common/vwt_common/contracts.json",
    "jobs/.mypy_cache/3.json",
  ];
  for (const file of [...files, "jobs/__pycache__/label.pyc", "common/.vscode/settings.json"]) {
    mkdirSync(join(beside, "containers", file, ".."), { recursive: true });
    writeFileSync(join(beside, "containers", file), "");
  }
  expect(evaluationCode(beside).map(({ name }) => name)).toEqual([
    "label.py",
    "vwt_label/main.py",
    "vwt_common/contracts.json",
  ]);
});
