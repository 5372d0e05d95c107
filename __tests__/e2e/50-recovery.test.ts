import { readFileSync } from "node:fs";
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { keepConformance } from "../../scripts/lib/conformance";
import { systemFolder } from "../../scripts/lib/emulator";
import { isAlive } from "../../scripts/lib/process";
import { executionEnd, servingRecords, stateMachineArn } from "../../scripts/lib/retraining";
import { sampleBatch } from "../../scripts/lib/sample-data";
import { emulatorSettings, pendingPlans } from "../../scripts/lib/system";
import { eventually, OUTCOME_LABELS, processes, restartEmulator, testSystem, wallet, whileHeld } from "./setup/system";

const batch = sampleBatch();

test("after the emulator was killed in the middle of a run, the run has failed, the old models serve, and nothing needs to change but what others changed", async () => {
  const system = await testSystem();
  const before = await servingRecords(system);
  const { executionArn, training } = await whileHeld(system, ["train"], async () => {
    const started = await system.states.send(
      new StartExecutionCommand({
        stateMachineArn: stateMachineArn(system),
        input: JSON.stringify({
          models: [{ model: "before-initial-deposit-problem-gambling", force: true, ...OUTCOME_LABELS }],
        }),
      }),
    );
    return {
      executionArn: started.executionArn,
      training: await eventually(async () => (await processes(system)).find(({ kind }) => kind === "training")),
    };
  });
  const snapshot = systemFolder(system.emulator.name, "state", "snapshot.jsonl");
  await eventually(async () => readFileSync(snapshot, "utf8").includes(executionArn as string));
  const orphans = (await processes(system)).map(({ pid }) => pid);
  // It cannot be asked any more afterwards.
  await keepConformance(system.emulator);
  process.kill(system.emulator.pid, "SIGKILL");
  // A process that was stopped in its very first moments learns of its parent's end only when it goes on.
  if (isAlive(training.pid)) process.kill(training.pid, "SIGCONT");
  await eventually(async () => orphans.every((pid) => !isAlive(pid)));

  await restartEmulator(system.emulator);
  const { status, cause } = await executionEnd(system, executionArn as string);
  expect(status).toBe("FAILED");
  expect(cause).toMatch(/emulator/i);
  expect(await servingRecords(system)).toEqual(before);
  await eventually(async () => (await (await wallet(system)).send({ records: batch })).status === 200);

  const lambda = new LambdaClient(emulatorSettings(system.emulator, system.config));
  const FunctionName = "vwt-local-filter";
  const { MemorySize } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const set = (size: number | undefined) =>
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: size }));
  await set(333);
  // The function, and the alias that names its version.
  const only = /^local-api: .*memory_size += 333 -> .*Plan: 0 to add, 2 to change, 0 to destroy/s;
  expect(await pendingPlans(system)).toEqual([expect.stringMatching(only)]);
  await set(MemorySize);
});
