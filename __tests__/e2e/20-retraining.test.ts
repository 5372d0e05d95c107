import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { GamblingBehaviourRecord } from "../../catalogue/datasets/gambling-behaviour/record";
import { MILLISECONDS_PER_DAY } from "../../catalogue/datasets/kit/time";
import { modelNamed, models } from "../../catalogue/models";
import type { Prediction } from "../../contracts/request-path";
import { ROWS, RUNS } from "../../contracts/run-layout";
import { parseRunResults } from "../../contracts/run-result";
import { Naming } from "../../modules/base/naming";
import { sleep } from "../../scripts/lib/process";
import { executionEnd, retrain, servingRecords, stateMachineArn } from "../../scripts/lib/retraining";
import { sampleBatch } from "../../scripts/lib/sample-data";
import type { System } from "../../scripts/lib/system";
import {
  eventually,
  OUTCOME_LABELS,
  PLAYERS,
  processes,
  servingProcess,
  testSystem,
  type Wallet,
  wallet,
  whileHeld,
} from "./setup/system";

let system: System;
let client: Wallet;
beforeAll(async () => {
  system = await testSystem();
  client = await wallet(system);
});

const batch = sampleBatch();
const BEHAVIOUR = "gambling-behaviour-problem-gambling";
/** The one whose rows are made soonest, for runs that are about something else. */
const QUICK = "before-initial-deposit-problem-gambling";
const names = models.map(({ name }) => name);

const start = async (input: object) =>
  (
    await system.states.send(
      new StartExecutionCommand({ stateMachineArn: stateMachineArn(system), input: JSON.stringify(input) }),
    )
  ).executionArn as string;

test("retrains every model on real data and answers from the new ones", async () => {
  const { status, output, cause } = await retrain(system, names);
  expect([status, cause]).toEqual(["SUCCEEDED", undefined]);
  const runs = parseRunResults(output);
  expect(runs.map(({ model, status: each }) => [model, each])).toEqual(names.map((name) => [name, "Promoted"]));
  for (const { rows } of runs) {
    const { train, validation, test: held, outOfTime, unlabelled, unused, rejected } = rows as NonNullable<typeof rows>;
    expect(rejected).toBe(0);
    expect(train + validation + held + outOfTime + unlabelled + unused).toBe(PLAYERS);
    expect(outOfTime / (train + validation + held + outOfTime)).toBeCloseTo(0.15, 1);
    expect(train / (train + validation + held)).toBeCloseTo(0.7, 1);
  }
  const serving = await servingRecords(system);
  expect(runs.map(({ modelVersion }) => modelVersion)).toEqual(names.map((name) => serving[name]?.modelVersion));

  const predictions = await eventually(async () => {
    const answered = ((await client.send({ records: batch })).body as { predictions: Prediction[] }).predictions;
    return answered.every(({ model, modelVersion }) => serving[model]?.modelVersion === modelVersion) && answered;
  });
  for (const name of names) {
    const scores = predictions
      .filter(({ model, score }) => model === name && score !== undefined)
      .map(({ score }) => score);
    // No longer one base score for everybody.
    expect(new Set(scores).size).toBeGreaterThan(1);
  }
});

test("files about single players lie under the prefix that has a time limit, and no others do", async () => {
  const folders = async (prefix: string) => {
    const Bucket = new Naming(system.config).of("bucket", "model", BEHAVIOUR);
    const listing = { Bucket, Prefix: `${prefix}${(await servingRecords(system))[BEHAVIOUR]?.modelVersion}/` };
    const { Contents = [] } = await system.s3.send(new ListObjectsV2Command(listing));
    return [...new Set(Contents.map(({ Key }) => Key?.split("/")[2]))].sort();
  };
  expect(await folders(RUNS)).toEqual([
    "again",
    "automatic",
    "counts",
    "data.json",
    "evaluation",
    "manifest.json",
    "output",
    "records",
  ]);
  expect(await folders(ROWS)).toEqual(
    [
      ...["context", "identities", "labelling", "labels.json", "out-of-time", "reference", "test", "train"],
      ...["unlabelled", "validation"],
    ].sort(),
  );
});

test("marketing is suppressed for the player at high risk, and else only where an intervention stops it", async () => {
  const { predictions } = (await client.send({ records: batch })).body as { predictions: Prediction[] };
  const risk = new Map(
    predictions.filter(({ model }) => model === BEHAVIOUR).map(({ index, riskGroup }) => [index, riskGroup]),
  );
  const marketing = predictions.filter(({ model }) => model === "gambling-behaviour-marketing");
  const atRisk = (index: number) => ["high", "severe"].includes(risk.get(index) as string);
  expect(marketing.filter(({ index }) => atRisk(index)).length).toBeGreaterThan(0);
  expect(marketing.filter(({ score }) => score !== undefined).length).toBeGreaterThan(0);
  for (const { index, score, suppressed, reasons } of marketing) {
    expect([index, score === undefined]).toEqual([index, suppressed !== undefined]);
    if (atRisk(index)) expect(suppressed).toEqual({ reason: "risk-high-or-above" });
    else expect([undefined, "intervention"]).toContain(suppressed?.reason);
    expect(reasons).toEqual([]);
  }
});

test("no record brings a player at high risk marketing back: not by what it leaves out, nor by what it says", async () => {
  const { predictions } = (await client.send({ records: batch })).body as { predictions: Prediction[] };
  const atRisk = predictions.find(
    ({ model, suppressed }) => model.endsWith("marketing") && suppressed?.reason === "risk-high-or-above",
  );
  const record = batch[atRisk?.index as number] as GamblingBehaviourRecord;
  const { reported, days, asOf } = record;
  const missing = (...names: string[]) => ({ reason: "risk-unknown", missing: names });
  const lately = { reason: expect.stringMatching(/^risk-high-or-above(-lately)?$/) };
  const needed = ["bets", "deposits", "sessions", "balance", "limits"];
  const attempts: readonly (readonly [Partial<GamblingBehaviourRecord>, object])[] = [
    [
      {
        reported: reported.filter((group) => group !== "deposits"),
        days: days.map(({ deposits: _, ...row }) => row),
      },
      missing("deposits"),
    ],
    [{ days: days.slice(-7), observedFrom: days.at(-7)?.date as string }, missing("earlier-days")],
    [{ asOf: new Date(Date.parse(asOf) + 9 * MILLISECONDS_PER_DAY).toISOString() }, missing("latest-days")],
    [{ reported: ["contacts"], days: [] }, missing(...needed)],
    // Statements that nobody can find false, but for what was known before.
    [{ days: days.slice(-7) }, lately],
    [{ days: [] }, lately],
  ];
  const records = attempts.map(([changes]) => ({ ...record, ...changes }));
  const answer = (await client.send({ records })).body as { predictions: Prediction[]; errors: unknown[] };
  expect(answer.errors).toEqual([]);
  const marketing = answer.predictions.filter(({ model }) => model.endsWith("marketing"));
  expect(marketing.map(({ suppressed }) => suppressed)).toEqual(attempts.map(([, suppressed]) => suppressed));
  for (const { model, index, riskGroup, score } of answer.predictions) {
    expect([model, score !== undefined]).toEqual([model, model === BEHAVIOUR && index > 3]);
    if (model === BEHAVIOUR && index < 4) expect(riskGroup).toBe("unknown");
  }
});

test("while a retraining promotes, a client that calls all the time sees no failed request", async () => {
  const statuses: number[] = [];
  const { dataset } = modelNamed(QUICK);
  const records = batch.filter((record) => (record as { dataset: string }).dataset === dataset).slice(-2);
  let over = false;
  const call = async () => {
    while (!over) {
      statuses.push((await client.send({ records })).status);
      // As much as a client asks, and not as much as two cores can answer.
      await sleep(20);
    }
  };
  const callers = [call(), call()];
  const { output } = await retrain(system, [{ model: QUICK, force: true, ...OUTCOME_LABELS }]);
  over = true;
  await Promise.all(callers);
  expect(output).toMatchObject([{ status: "Promoted" }]);
  expect(statuses.length).toBeGreaterThan(20);
  expect([...new Set(statuses)]).toEqual([200]);
});

test("a training that is killed fails the run with its cause, and the old model serves", async () => {
  const before = await servingRecords(system);
  const arn = await whileHeld(system, ["train"], async () => {
    const started = await start({ models: [{ model: QUICK, force: true, ...OUTCOME_LABELS }] });
    const training = await eventually(async () => (await processes(system)).find(({ kind }) => kind === "training"));
    process.kill(training.pid, "SIGKILL");
    return started;
  });
  const { status, error, cause } = await executionEnd(system, arn);
  expect([status, error]).toEqual(["FAILED", "RetrainingFailed"]);
  expect(cause).toMatch(new RegExp(`${QUICK} failed at Train: .*AlgorithmError`));
  expect(await servingRecords(system)).toEqual(before);
  expect((await client.send({ records: batch })).status).toBe(200);
});

test("an update that SageMaker rolls back fails the run, although the endpoint is in service", async () => {
  const before = await servingRecords(system);
  const old = await servingProcess(system, QUICK);
  // Every process that would replace the old one dies before it can answer.
  const { status, cause } = await whileHeld(system, ["serve"], async () => {
    const arn = await start({ models: [{ model: QUICK, force: true, ...OUTCOME_LABELS }] });
    const ended = executionEnd(system, arn);
    let over = false;
    void ended.finally(() => {
      over = true;
    });
    await eventually(async () => {
      for (const { kind, name, pid } of await processes(system)) {
        if (kind === "endpoint" && name === old.name && pid !== old.pid) process.kill(pid, "SIGKILL");
      }
      return over;
    });
    return await ended;
  });
  expect(status).toBe("FAILED");
  expect(cause).toMatch(/failed at Update endpoint: EndpointUpdateRolledBack: The endpoint is InService/);
  expect(await servingRecords(system)).toEqual(before);
  expect((await servingProcess(system, QUICK)).pid).toBe(old.pid);
  expect((await client.send({ records: batch })).status).toBe(200);
});

test("one model's failure does not stop the others, and an unknown model is named", async () => {
  const { status, cause } = await retrain(system, ["before-initial-deposit-problem-gambling", "horoscopes"]);
  expect(status).toBe("FAILED");
  expect(cause).toContain("horoscopes failed at Check request: UnsoundRequest: model must be one of");
  expect(cause).not.toContain("before-initial-deposit-problem-gambling failed");
});
