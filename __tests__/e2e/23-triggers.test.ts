import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand, ListExecutionsCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { datasetNamed } from "../../catalogue/datasets";
import { RECORDS } from "../../contracts/data-layout";
import { Naming } from "../../modules/base/naming";
import { measureDrift } from "../../scripts/lib/drift";
import { executionEnd, executionPath, retrain, servingRecords, stateMachineArn } from "../../scripts/lib/retraining";
import { emulatorSettings, type System } from "../../scripts/lib/system";
import { newsOf } from "./setup/news";
import { eventually, OUTCOME_LABELS, testSystem, type Wallet, wallet } from "./setup/system";

const DATASET = "before-initial-deposit";
const MODEL = "before-initial-deposit-problem-gambling";
let system: System;
let client: Wallet;
let naming: Naming;
let cloudwatch: CloudWatchClient;
let lambda: LambdaClient;
beforeAll(async () => {
  system = await testSystem();
  client = await wallet(system);
  naming = new Naming(system.config);
  const settings = emulatorSettings(system.emulator, system.config);
  cloudwatch = new CloudWatchClient(settings);
  lambda = new LambdaClient(settings);
});

const alarmState = async (name: string) => {
  const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  return MetricAlarms[0]?.StateValue;
};

/** Records of synthetic players without what became of them. */
const recordsOf = (seed: number, players: number) =>
  [...datasetNamed(DATASET).generate({ seed, players, now: "2026-11-01T00:00:00Z" })].map(
    ({ record: { outcome: _, ...record } }) => record,
  );

/** Records of synthetic players as a wallet sends them, changed in the same way. */
async function send(seed: number, players: number, change: object): Promise<void> {
  const records = recordsOf(seed, players).map((record) => ({ ...record, ...change }));
  for (let start = 0; start < records.length; start += 100) {
    expect((await client.send({ records: records.slice(start, start + 100) })).status).toBe(200);
  }
}

/**
 * Measures the drift of more players than so many. Sends their traffic again where it was not captured: an answer does
 * not wait for that, and after a failure nothing is captured for seconds.
 */
const measuredOf = (rows: number, traffic: () => Promise<void>) =>
  eventually(async () => {
    await traffic();
    const found = await measureDrift({ lambda, naming }, { model: MODEL });
    return found.rows > rows && found;
  });

test("traffic that has drifted sets off alarms, and starts one run, which asks for new labels", async () => {
  expect((await retrain(system, [{ model: MODEL, force: true, ...OUTCOME_LABELS }])).output).toMatchObject([
    { status: "Promoted" },
  ]);
  // Functions remember for a moment what serves.
  const { modelVersion } = (await servingRecords(system))[MODEL] ?? {};
  await eventually(async () => {
    const { body } = await client.send({ records: recordsOf(7, 1) });
    return (body as { predictions: { modelVersion: string }[] }).predictions.every(
      (prediction) => prediction.modelVersion === modelVersion,
    );
  });

  expect(await measureDrift({ lambda, naming }, { model: MODEL })).toMatchObject({
    outcome: "skipped",
    reason: expect.stringMatching(/./),
  });
  const calm = await measuredOf(200, () => send(71, 600, {}));
  expect(calm).toMatchObject({ outcome: "measured", from: { training: { above: [] } } });
  const alarm = naming.of("alarm", MODEL, "drift");
  await eventually(async () => (await alarmState(alarm)) === "OK");

  // New records, though without a label: there is something to plan a run of, and nothing to learn from it.
  const Bucket = naming.of("bucket", "data", DATASET);
  const Key = `${RECORDS}without-a-label.jsonl`;
  const Body = JSON.stringify({ ...recordsOf(74, 1)[0], outcome: {} });
  await system.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const drifted = await measuredOf(calm.rows, () => send(72, 1200, { age: 70 }));
  // From the training data, and from the traffic before, which the first measurement kept.
  const other = { above: expect.arrayContaining(["domain"]), worst: [{ name: "age" }, ...Array(4).fill({})] };
  expect(drifted).toMatchObject({ outcome: "measured", from: { training: other, traffic: other } });
  for (const parts of [[], ["training", "domain"], ["traffic", "domain"]]) {
    await eventually(async () => (await alarmState(naming.of("alarm", MODEL, "drift", ...parts))) === "ALARM");
  }

  const arn = await eventually(async () => {
    const { executions = [] } = await system.states.send(
      new ListExecutionsCommand({ stateMachineArn: stateMachineArn(system), maxResults: 3 }),
    );
    for (const { executionArn } of executions) {
      const { input = "" } = await system.states.send(new DescribeExecutionCommand({ executionArn }));
      if (input.includes('"trigger":"alarm"')) return executionArn;
    }
    return undefined;
  });
  expect((await executionEnd(system, arn)).output).toMatchObject([
    { model: MODEL, status: "Skipped", reason: expect.stringContaining("an alarm asks for new labels") },
  ]);
  await system.s3.send(new DeleteObjectCommand({ Bucket, Key }));
});

test("an alarm during the update rolls it back: the champion serves, and nobody notices", async () => {
  const before = await servingRecords(system);
  const { executionArn = "" } = await system.states.send(
    new StartExecutionCommand({
      stateMachineArn: stateMachineArn(system),
      input: JSON.stringify({ models: [{ model: MODEL, force: true, ...OUTCOME_LABELS }] }),
    }),
  );
  await eventually(async () => (await executionPath(system, executionArn)).includes("Register"));
  const alarm = naming.of("alarm", MODEL, "errors");
  await cloudwatch.send(
    new SetAlarmStateCommand({
      AlarmName: alarm,
      StateValue: "ALARM",
      StateReason: "a test",
    }),
  );
  const { status, cause } = await executionEnd(system, executionArn);
  expect(status).toBe("FAILED");
  expect(cause).toMatch(/failed at Update endpoint: EndpointUpdateRolledBack: .*alarm/i);
  expect(await servingRecords(system)).toEqual(before);
  await send(73, 20, {});
  // Soon the requests decide again, none of which failed.
  await eventually(async () => (await alarmState(alarm)) === "OK");
});

test("an execution that ends outside of its states is told all the same", async () => {
  const news = await newsOf(system);
  const { executionArn } = await system.states.send(
    new StartExecutionCommand({ stateMachineArn: stateMachineArn(system), input: "{}" }),
  );
  const told = await eventually(async () => (await news()).find((each) => each.execution === executionArn));
  expect(told).toEqual({
    event: "Failed",
    environment: "vwt local",
    execution: executionArn,
    reason: expect.stringContaining("ended as FAILED"),
  });
});
