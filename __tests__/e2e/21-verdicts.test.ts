import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { DescribeModelPackageCommand, SageMakerClient, UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";
import { StartExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { datasetNamed } from "../../catalogue/datasets";
import type { Prediction } from "../../contracts/request-path";
import type { RetrainRequest } from "../../contracts/retrain-request";
import { type ModelRun, parseRunResults } from "../../contracts/run-result";
import { Naming } from "../../modules/base/naming";
import { ask } from "../../scripts/lib/emulator";
import { type Holder, holderOf, stopRun } from "../../scripts/lib/locks";
import { executionEnd, executionPath, retrain, servingRecords, stateMachineArn } from "../../scripts/lib/retraining";
import { sampleBatch } from "../../scripts/lib/sample-data";
import { emulatorSettings, type System } from "../../scripts/lib/system";
import type { Target } from "../../scripts/lib/target";
import { versionsOf } from "../../scripts/lib/versions";
import { newsOf } from "./setup/news";
import { judgeable, withRecords } from "./setup/records";
import { trained } from "./setup/serving";
import { eventually, OUTCOME_LABELS, processes, testSystem, wallet, whileHeld } from "./setup/system";

const MODEL = "before-initial-deposit-problem-gambling";
const TUNED = "gambling-behaviour-marketing";
const DATASET = "before-initial-deposit";
let system: System;
let target: Pick<Target, "naming" | "sagemaker">;
let dataBucket: string;
beforeAll(async () => {
  system = await testSystem();
  const naming = new Naming(system.config);
  const sagemaker = new SageMakerClient(emulatorSettings(system.emulator, system.config));
  target = { naming, sagemaker };
  dataBucket = naming.of("bucket", "data", DATASET);
  await trained(system, MODEL, TUNED);
});

const serving = async () => (await servingRecords(system))[MODEL]?.modelVersion;

/** Clients and names by which the holder of a model is looked up. */
const holding = () => ({
  naming: target.naming,
  states: system.states,
  dynamodb: new DynamoDBClient(emulatorSettings(system.emulator, system.config)),
});

/** One run of the model, and what the state machine says of it. */
async function run(request: Omit<RetrainRequest, "model"> = {}): Promise<ModelRun> {
  const labelling = request.version === undefined ? OUTCOME_LABELS : {};
  const { status, output, cause } = await retrain(system, [{ model: MODEL, ...labelling, ...request }]);
  expect([status, cause]).toEqual(["SUCCEEDED", undefined]);
  return parseRunResults(output)[0] as ModelRun;
}

test("without new records a run is skipped, and says since when", async () => {
  const before = await serving();
  expect(await run()).toMatchObject({ status: "Skipped", reason: expect.stringMatching(/0 of them new since 20/) });
  expect(await serving()).toBe(before);
});

test("a promoted version is in the registry with its numbers, and its report can be read", async () => {
  const result = await run({ force: true });
  expect(result).toMatchObject({ status: "Promoted", reason: expect.stringContaining("auroc.value") });
  expect(Number(result.metrics?.["auroc.value"])).toBeGreaterThan(0.6);
  const [version] = await versionsOf(target, MODEL);
  expect(version).toMatchObject({
    version: result.modelVersion,
    approval: "Approved",
    metrics: { verdict: "promote" },
  });

  const [, bucket = "", key = ""] = result.report?.match(/^s3:\/\/([^/]+)\/(.+)$/) ?? [];
  const { Body } = await system.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const page = (await Body?.transformToString()) ?? "";
  expect(page).toMatch(/^<!doctype html>/i);
  expect(page).toContain("<svg");
  expect(page).toContain(result.modelVersion);
});

test("a candidate that learnt from noise is rejected by a rule with its numbers, and registered", async () => {
  const before = await serving();
  // Whether somebody is labelled says nothing here.
  const noise = judgeable(MODEL, 5, 2000).map(({ record }, index) =>
    JSON.stringify({
      ...record,
      outcome: { label: { value: index % 2, source: "labeller", at: "2026-10-01T00:00:00Z" } },
    }),
  );
  const records = {
    "records/noise.jsonl": noise.join("\n"),
    // As a delivery stream writes them, some of them again and one that is no record; and what is not read.
    "records/again.jsonl": `${noise.slice(0, 500).join("")}{"playerId":7}`,
    "records/notes.json": "{}",
  };
  await withRecords(system, dataBucket, records, async () => {
    const result = await run({ force: true });
    const {
      train,
      validation,
      test: held,
      outOfTime,
      unlabelled,
      ...rows
    } = result.rows as NonNullable<ModelRun["rows"]>;
    expect(train + validation + held + outOfTime + unlabelled).toBe(2000);
    expect(rows).toMatchObject({ lines: 2501, duplicates: 500, rejected: 1 });
    expect(result.records).toMatch(
      /^2501 read, 1 rejected \(0\.0 % of the bytes\): 1 × ".+" \(first in records\/again\.jsonl, line 1\), 500 left out, /,
    );
    expect(result.planned).toContain("ignored are 1 .json (records/notes.json)");
    expect(result).toMatchObject({
      status: "Rejected",
      reason: expect.stringMatching(/auroc\.value 0\.\d+ against .*: not good enough/),
    });
    const [version] = await versionsOf(target, MODEL);
    expect(version).toMatchObject({ version: result.modelVersion, approval: "Rejected" });
  });
  expect(await serving()).toBe(before);
});

/** Broken deliveries: objects that a data bucket gets in place of records, by what went wrong on the way. */
const BROKEN_DELIVERIES: Readonly<Record<string, string>> = {
  "records that are none": '{"playerId":"someone"}\nnonsense\n'.repeat(50),
  "a page of an error": "<!doctype html><title>503 Service Unavailable</title>",
  "a table": "playerId,operatorId,asOf\nsomeone,o,2026-11-01\n",
  "a cut line": '{"dataset":"before-initial-deposit","playerId":"someone","opera',
  "a pretty document": JSON.stringify([{ dataset: DATASET }], null, 2),
  "another dataset's": '{"dataset":"gambling-behaviour","playerId":"someone"}\n',
  "dates of databases": `{"dataset":"${DATASET}","playerId":"p","operatorId":"o","asOf":"0001-01-01T00:00:00Z","outcome":{}}`,
  bytes: "\u0000\u0001\u007f\ufffd".repeat(100),
  nothing: "",
};

test("records that cannot be used fail the run with their share, and what served still does", async () => {
  const before = await serving();
  const deliveries = Object.entries(BROKEN_DELIVERIES).map(([what, text]) => [`records/${what}.jsonl`, text]);
  await withRecords(system, dataBucket, Object.fromEntries(deliveries), async () => {
    const { status, cause } = await retrain(system, [{ model: MODEL, force: true, ...OUTCOME_LABELS }]);
    expect(status).toBe("FAILED");
    expect(cause).toMatch(/failed at Prepare rows: TooManyUnusableRecords: (\d+) of \1 records cannot be used/);
    expect(cause).not.toContain("someone");
  });
  expect(await serving()).toBe(before);
  const records = sampleBatch().filter((record) => (record as { dataset: string }).dataset === DATASET);
  const client = await wallet(system);
  // A serving record is read again beside the call that finds it old, so the first answer may name an older version.
  await eventually(async () => {
    const { status, body } = await client.send({ records });
    expect(status).toBe(200);
    const { predictions } = body as { predictions: Prediction[] };
    return predictions.length === records.length && predictions.every(({ modelVersion }) => modelVersion === before);
  });
});

test("an operator without any exclusion, where others have many, fails the run, which says what to send", async () => {
  const AS_OF = "2026-01-01T00:00:00Z";
  const recordOf = (operatorId: string, index: number) => {
    const outcome = { ...(operatorId === "told" && index < 60 && { selfExcludedAt: "2026-02-01T00:00:00Z" }) };
    return JSON.stringify({
      ...{
        dataset: DATASET,
        playerId: `p-${index}`,
        operatorId,
        asOf: AS_OF,
        browsing: { pages: 3, bonusPages: 0 },
      },
      outcome: { ...outcome, observedUntil: "2026-10-01T00:00:00Z" },
    });
  };
  const lines = ["told", "untold"].flatMap((name) => Array.from({ length: 600 }, (_, index) => recordOf(name, index)));
  await withRecords(system, dataBucket, { "records/operators.jsonl": lines.join("\n") }, async () => {
    const { status, cause } = await retrain(system, [{ model: MODEL, force: true, ...OUTCOME_LABELS }]);
    expect(status).toBe("FAILED");
    expect(cause).toMatch(
      /failed at Count labels: OneSidedLabels: exclusions .*: 0 of 600 of untold, .*selfExcludedAt/,
    );
  });
});

test("too few labelled rows skip the run", async () => {
  const [few] = [...datasetNamed(DATASET).generate({ seed: 6, players: 1, now: "2026-11-01T00:00:00Z" })];
  await withRecords(system, dataBucket, { "records/few.jsonl": JSON.stringify(few?.record) }, async () => {
    expect(await run({ force: true })).toMatchObject({
      status: "Skipped",
      reason: expect.stringContaining("training wants 500 labelled rows"),
    });
  });
});

describe("two runs of one model", () => {
  const begin = async (more: object = {}) =>
    (
      await system.states.send(
        new StartExecutionCommand({
          stateMachineArn: stateMachineArn(system),
          input: JSON.stringify({ models: [{ model: MODEL, force: true, ...OUTCOME_LABELS, ...more }] }),
        }),
      )
    ).executionArn as string;

  test("never happen at a time: the second is skipped and names the first", async () => {
    const first = await begin();
    await eventually(async () => (await executionPath(system, first)).includes("Train"));
    expect(await run({ force: true })).toMatchObject({
      status: "Skipped",
      reason: `another run of this model is under way: ${first}`,
    });
    expect(await holderOf(holding(), MODEL)).toEqual({ execution: first, running: true });
    expect((await executionEnd(system, first)).output).toMatchObject([{ status: "Promoted" }]);
    expect(await holderOf(holding(), MODEL)).toBeUndefined();
  });

  test("a roll-back that is urgent stops the run, and takes the model over", async () => {
    const before = await serving();
    const stopped = await begin();
    await eventually(async () => (await executionPath(system, stopped)).includes("Train"));
    const holder = (await holderOf(holding(), MODEL)) as Holder;
    await stopRun({ ...holding(), config: system.config, sagemaker: target.sagemaker }, holder, "A test takes over");
    expect(await run({ version: before as string })).toMatchObject({ status: "RolledBack" });
    expect((await executionEnd(system, stopped)).status).toBe("ABORTED");
    expect(await serving()).toBe(before);
  });

  test("a run that somebody stopped does not keep the model, and its candidate is withdrawn", async () => {
    const stopped = await begin({ approval: "manual" });
    const left = await eventually(async () => (await holderOf(holding(), MODEL))?.waitsFor);
    await system.states.send(new StopExecutionCommand({ executionArn: stopped }));
    expect((await executionEnd(system, stopped)).status).toBe("ABORTED");
    expect(await run({ force: true })).toMatchObject({ status: "Promoted" });
    const candidate = (await versionsOf(target, MODEL)).find(({ arn }) => arn === left);
    expect(candidate).toMatchObject({
      approval: "Rejected",
      decision: "Its run was stopped before somebody decided",
    });
  });
});

describe("manual approval", () => {
  const pending = () =>
    eventually(async () =>
      (await versionsOf(target, MODEL)).find(({ approval }) => approval === "PendingManualApproval"),
    );
  const decide = async (ModelApprovalStatus: "Approved" | "Rejected") => {
    const { executionArn } = await system.states.send(
      new StartExecutionCommand({
        stateMachineArn: stateMachineArn(system),
        input: JSON.stringify({ models: [{ model: MODEL, force: true, approval: "manual", ...OUTCOME_LABELS }] }),
      }),
    );
    const waiting = await pending();
    expect(await serving()).not.toBe(waiting.version);
    const ApprovalDescription = "too few players";
    await target.sagemaker.send(
      new UpdateModelPackageCommand({ ModelPackageArn: waiting.arn, ModelApprovalStatus, ApprovalDescription }),
    );
    const { output } = await executionEnd(system, executionArn as string);
    return { waiting, result: parseRunResults(output)[0] };
  };

  test("approving in the registry lets the run go on, and people hear of both", async () => {
    const news = await newsOf(system);
    const { waiting, result } = await decide("Approved");
    expect(result).toMatchObject({ status: "Promoted", modelVersion: waiting.version });
    expect(await serving()).toBe(waiting.version);
    const heard = [...(await news()), ...(await news())];
    expect(heard).toMatchObject([
      { event: "ApprovalWanted", model: MODEL, modelPackage: waiting.arn, until: expect.stringMatching(/^20/) },
      { event: "Promoted", model: MODEL, modelVersion: waiting.version },
    ]);
  });

  test("nobody deciding in time ends it, and what served still does", async () => {
    const before = await serving();
    const { status, cause } = await retrain(system, [
      { model: MODEL, force: true, approval: "manual", approvalDeadlineInSeconds: 1, ...OUTCOME_LABELS },
    ]);
    expect(status).toBe("FAILED");
    expect(cause).toMatch(/failed at Await approval: ApprovalTimedOut: Nobody approved or rejected .* within 1 s/);
    expect(await serving()).toBe(before);
  });

  test("rejecting ends it, and what served still does", async () => {
    const before = await serving();
    const { result } = await decide("Rejected");
    expect(result).toMatchObject({ status: "Rejected", reason: "rejected by a person: too few players" });
    expect(await serving()).toBe(before);
  });
});

describe("roll-back", () => {
  test("makes an earlier version serve again, which then answers", async () => {
    const current = await serving();
    const approved = (await versionsOf(target, MODEL)).filter(({ approval }) => approval === "Approved");
    const earlier = approved.find(({ version }) => version !== current)?.version as string;
    expect(await run({ version: earlier })).toMatchObject({ status: "RolledBack", modelVersion: earlier });
    expect(await serving()).toBe(earlier);
    const client = await wallet(system);
    await eventually(async () => {
      const { predictions } = (await client.send({ records: sampleBatch() })).body as { predictions: Prediction[] };
      return predictions.find(({ model }) => model === MODEL)?.modelVersion === earlier;
    });
  });

  test("goes back to the very first model too", async () => {
    expect(await run({ version: "initial" })).toMatchObject({ status: "RolledBack", modelVersion: "initial" });
    expect(await serving()).toBe("initial");
  });

  test("goes to a candidate that was rejected or withdrawn only for a reason, which is recorded", async () => {
    const rejected = (await versionsOf(target, MODEL)).find(({ approval }) => approval === "Rejected");
    const version = rejected?.version as string;
    const before = await serving();
    const { status, cause } = await retrain(system, [{ model: MODEL, version }]);
    expect([status, cause]).toEqual(["FAILED", expect.stringMatching(/VersionNotApproved: .* is Rejected/)]);
    expect(await serving()).toBe(before);

    const override = "the champion answers nonsense";
    expect(await run({ version, override })).toMatchObject({ status: "RolledBack" });
    expect(await serving()).toBe(version);
    const { ModelApprovalStatus, ApprovalDescription } = await target.sagemaker.send(
      new DescribeModelPackageCommand({ ModelPackageName: rejected?.arn }),
    );
    expect([ModelApprovalStatus, ApprovalDescription]).toEqual([
      "Approved",
      `Made to serve although it was Rejected: ${override}`,
    ]);
  });

  test("to a version that was pruned fails by name, and changes nothing", async () => {
    const before = await serving();
    const { status, cause } = await retrain(system, [{ model: MODEL, version: "20200101-000000-abcdef" }]);
    expect([status, cause]).toEqual([
      "FAILED",
      expect.stringMatching(/failed at Find version: .*Could not find model/),
    ]);
    expect(await serving()).toBe(before);
  });

  test("pruning keeps the configured number of versions and what serves, each with all that belongs to it", async () => {
    const keep = system.config.models[MODEL]?.retraining.versionsToKeep as number;
    await run({ force: true });
    const versions = (await versionsOf(target, MODEL)).map(({ version }) => version);
    expect(versions.length).toBeGreaterThanOrEqual(keep);
    expect(versions.length).toBeLessThanOrEqual(keep + 1);
    expect(versions).toContain(await serving());
    const Bucket = target.naming.of("bucket", "model", MODEL);
    const artefacts = await Promise.all(
      versions.map(async (version) => {
        const { Contents = [] } = await system.s3.send(
          new ListObjectsV2Command({ Bucket, Prefix: `runs/${version}/output/` }),
        );
        return Contents.length;
      }),
    );
    expect(artefacts).toEqual(versions.map(() => 1));
    const { CommonPrefixes = [] } = await system.s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: "runs/", Delimiter: "/" }),
    );
    const { CommonPrefixes: rows = [] } = await system.s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: "rows/", Delimiter: "/" }),
    );
    const names = (prefixes: readonly { readonly Prefix?: string | undefined }[]) =>
      prefixes.map(({ Prefix }) => Prefix?.split("/")[1]);
    expect(names(rows)).toEqual(names(CommonPrefixes));
    // Beside the kept versions' folders, those of the newest runs that never were registered.
    expect(CommonPrefixes.length).toBeLessThanOrEqual(2 * keep + 1);
  });
});

test("an unsound request fails alone and in words, and the good request beside it has its turn", async () => {
  const version = (await serving()) as string;
  const { status, cause } = await retrain(system, [
    { model: MODEL, version },
    null as never,
    7 as never,
    { model: MODEL, approval: null } as never,
    { model: MODEL, labelling: { votesToAgree: 0 } },
  ]);
  expect(status).toBe("FAILED");
  for (const said of [
    "null failed at Check request: UnsoundRequest: null is neither a model's name",
    "7 failed at Check request: UnsoundRequest: 7 is neither",
    "approval must be one of automatic, manual (found null)",
    "votesToAgree must be a whole number from 1 to 9 (found 0)",
  ]) {
    expect(cause).toContain(said);
  }
  expect(cause?.match(/failed at/g)).toHaveLength(4);
});

test.each([[{}], [{ models: [] }], [{ models: MODEL }], [{ models: [MODEL], force: true }]])(
  "an execution that asks for nothing, %j, says what it wants to be asked",
  async (input) => {
    const { executionArn } = await system.states.send(
      new StartExecutionCommand({ stateMachineArn: stateMachineArn(system), input: JSON.stringify(input) }),
    );
    const { status, error, cause } = await executionEnd(system, executionArn as string);
    expect([status, error, cause]).toEqual([
      "FAILED",
      "UnsoundInput",
      expect.stringContaining('The input must be {"models": ['),
    ]);
  },
);

test("an evaluation that dies fails the run with its cause, and what served still does", async () => {
  const before = await serving();
  const { executionArn } = await whileHeld(system, ["evaluate.py"], async () => {
    const started = await system.states.send(
      new StartExecutionCommand({
        stateMachineArn: stateMachineArn(system),
        input: JSON.stringify({ models: [{ model: MODEL, force: true, ...OUTCOME_LABELS }] }),
      }),
    );
    const job = await eventually(async () => (await processes(system)).find(({ kind }) => kind === "processing"));
    process.kill(job.pid, "SIGKILL");
    return started;
  });
  const { status, cause } = await executionEnd(system, executionArn as string);
  expect([status, cause]).toEqual(["FAILED", expect.stringMatching(/failed at Evaluate: /)]);
  expect(await serving()).toBe(before);
});

describe("capacity", () => {
  const capacity = (limits: object) =>
    ask(system.emulator, "/_vwt/capacity", { method: "PUT", body: JSON.stringify(limits) });
  afterEach(() => capacity({}));

  test.each([
    ["no instances are free", { "ml.m5.large": 0 }, OUTCOME_LABELS],
    // The first that needs them is the model that labels.
    ["the quota is used up", { "ml.m5.large": "quota" }, { labelling: { mode: "automatic" } } as const],
  ])("when %s, training takes the next size", async (_, limits, labelling) => {
    await capacity({ ...limits });
    expect(await run({ force: true, ...labelling })).toMatchObject({
      status: "Promoted",
      compute: { instanceType: "ml.m5.xlarge", instanceCount: 1 },
    });
  });

  test("when there is none of any size, the run fails with the cause", async () => {
    await capacity({ "ml.m5.large": 0, "ml.m5.xlarge": 0, "ml.m5.2xlarge": 0 });
    const { status, cause } = await retrain(system, [{ model: MODEL, force: true, ...OUTCOME_LABELS }]);
    expect([status, cause]).toEqual(["FAILED", expect.stringMatching(/failed at Train: .*CapacityError/)]);
  });

  test("a search for hyperparameters takes the next size too", async () => {
    await capacity({ "ml.m5.large": 0 });
    const { output } = await retrain(system, [{ model: TUNED, force: true }]);
    expect(output).toMatchObject([{ status: "Promoted", compute: { instanceType: "ml.m5.xlarge" } }]);
    // The champion was found in the same records, from the same seed: the same search finds the same model.
    const [{ metrics, championMetrics } = {} as ModelRun] = parseRunResults(output);
    expect(metrics).toEqual(expect.objectContaining(championMetrics));
  });
});
