import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { loadConfig } from "../../config";
import { ask, runningEmulator } from "../lib/emulator";
import { main } from "../lib/main";
import { SYSTEM } from "../lib/names";
import { executionPath, servingRecords, stateMachineArn } from "../lib/retraining";
import { apiAccess, systemOf } from "../lib/system";
import { table } from "../lib/table";

interface RunningProcess {
  readonly kind: string;
  readonly name: string;
  readonly pid: number;
}

/** Says what runs, which model versions serve, and how the last executions ended. */
main("status", async () => {
  const emulator = await runningEmulator(SYSTEM);
  if (!emulator) {
    console.log("The system is not running. npm start brings it up.");
    return 1;
  }
  const system = systemOf(emulator, loadConfig("local"));
  const processes = (await (await ask(emulator, "/_vwt/processes")).json()) as RunningProcess[];
  console.log(`Emulator: process ${emulator.pid} at ${emulator.url}\n`);
  console.log(
    table(
      ["process", "name", "pid"],
      processes.map(({ kind, name, pid }) => [kind, name, pid]),
    ),
  );
  const serving = await servingRecords(system);
  console.log(
    `\n${table(
      ["model", "serves version", "features"],
      Object.entries(serving).map(([model, { modelVersion, featureHash }]) => [model, modelVersion, featureHash]),
    )}`,
  );
  const { executions = [] } = await system.states.send(
    new ListExecutionsCommand({ stateMachineArn: stateMachineArn(system), maxResults: 5 }),
  );
  const seconds = (from?: Date, to?: Date) => (from && to ? ((to.getTime() - from.getTime()) / 1000).toFixed(1) : "");
  console.log(
    `\n${table(
      ["last executions", "status", "started", "seconds", "at"],
      await Promise.all(
        executions.map(async ({ executionArn = "", name, status, startDate, stopDate }) => [
          name,
          status,
          startDate?.toISOString(),
          seconds(startDate, stopDate),
          status === "RUNNING" && (await executionPath(system, executionArn)).at(-1),
        ]),
      ),
    )}`,
  );
  const { url, key } = await apiAccess(system, "sample-wallet");
  console.log(`\nAPI  ${url}\nkey  ${key}`);
  return undefined;
});
