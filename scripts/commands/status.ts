import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type Config, loadConfig } from "../../config";
import { deliveryKey } from "../../contracts/deliveries";
import { Naming } from "../../modules/base/naming";
import { openCircuits } from "../lib/deliveries";
import { ask, runningEmulator } from "../lib/emulator";
import { main } from "../lib/main";
import { SYSTEM } from "../lib/names";
import { queuesOf } from "../lib/queues";
import { executionPath, servingRecords, stateMachineArn } from "../lib/retraining";
import { waitingReviews } from "../lib/reviews";
import { apiAccess, systemOf } from "../lib/system";
import { table } from "../lib/table";
import { localSettings } from "../lib/target";

interface RunningProcess {
  readonly kind: string;
  readonly name: string;
  readonly pid: number;
}

/** Says what waits in queues, dead letters among it, which receivers are left alone, and which reviews wait. */
async function showDeliveries(config: Config): Promise<void> {
  const settings = await localSettings(config);
  const naming = new Naming(config);
  const queues = await queuesOf(
    {
      sqs: new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }),
      cloudwatch: new CloudWatchClient(settings),
      naming,
    },
    new Date(),
  );
  const dynamodb = new DynamoDBClient(settings);
  const leftAlone = await openCircuits({ dynamodb, naming }, config);
  const reviews = await waitingReviews({ dynamodb, naming }, Object.keys(config.operators), new Date());
  console.log(
    `\n${table(
      ["queue", "waiting", "under way", "oldest, s"],
      queues.map(({ name, waiting, underWay, age }) => [name, waiting, underWay, age]),
    )}`,
  );
  if (leftAlone.length > 0) {
    console.log(
      `\n${table(
        ["receiver that fails", "kind", "failures", "left alone until"],
        leftAlone.map((each) => [deliveryKey(each), each.kind, each.failures, each.until.toISOString()]),
      )}`,
    );
  }
  if (reviews.length > 0) {
    console.log(
      `\n${table(
        ["reviews of", "wait", "overdue"],
        reviews.map(({ operatorId, open, overdue }) => [operatorId, open, overdue]),
      )}`,
    );
  }
}

/** Says what runs, which model versions serve, how the last executions ended, and how deliveries stand. */
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
  await showDeliveries(system.config);
  const { url, key } = await apiAccess(system, "sample-wallet");
  console.log(`\nAPI  ${url}\nkey  ${key}`);
  return undefined;
});
