import { models } from "../../catalogue/models";
import { layoutHash } from "../../catalogue/training/scaling";
import { loadConfig } from "../../config";
import { conformanceLine, conformanceOf } from "../lib/conformance";
import {
  type Emulator,
  lastPort,
  runningEmulator,
  startEmulator,
  stopEmulator,
  systemFolder,
  wantedPort,
} from "../lib/emulator";
import { exclusively } from "../lib/exclusively";
import { followUp, followUpTable } from "../lib/follow-up";
import { startLocalEnds } from "../lib/local-ends";
import { main } from "../lib/main";
import { SYSTEM } from "../lib/names";
import { callApi } from "../lib/predictions";
import { prerequisite, pythonEnvironment } from "../lib/prerequisites";
import { sleep, UserError, whileSaying } from "../lib/process";
import { step, timingTable } from "../lib/progress";
import { fetchReports } from "../lib/reports";
import { endedWell, executionPath, retrain, runsOf, servingRecords, whatServes } from "../lib/retraining";
import { sampleBatch, uploadSampleData } from "../lib/sample-data";
import { type Answered, predictionTable, runTable } from "../lib/summary";
import { type Access, apiAccess, deploySystem, systemOf } from "../lib/system";
import { target } from "../lib/target";
import { deployOrAfresh, setAside } from "../lib/unfinished";

const PLAYERS = 6000;

/** Brings the whole system up on this machine, predicts, retrains, predicts again, and leaves it running. */
async function start(): Promise<undefined> {
  const port = wantedPort(process.env.VWT_PORT, lastPort(SYSTEM));
  const config = loadConfig("local");
  const python = await step("Check Terraform and Python", async ({ at }) => {
    await prerequisite("terraform");
    return pythonEnvironment(at);
  });
  const emulator = await step(
    "Start the emulator",
    async () => (await runningEmulator(SYSTEM)) ?? startEmulator({ name: SYSTEM, port, python }),
  );
  if (process.env.VWT_PORT && emulator.port !== port) {
    console.log(`The system runs at port ${emulator.port} already. For port ${port}: npm stop, and start it again.`);
  }
  const deployTo = async (running: Emulator) => {
    const system = systemOf(running, config);
    return { system, changes: await step("Deploy all stacks", ({ at }) => deploySystem(system, at)) };
  };
  const aside = systemFolder(SYSTEM, "set-aside");
  const { system, changes } = await deployOrAfresh(
    systemFolder(SYSTEM, "unfinished"),
    () => deployTo(emulator),
    async () =>
      deployTo(
        await step(`Start afresh, because a deployment was broken off; what was there is in ${aside}`, async () => {
          await stopEmulator(SYSTEM);
          setAside(systemFolder(SYSTEM), ["state", config.environment], aside);
          return startEmulator({ name: SYSTEM, port: emulator.port, python });
        }),
      ),
  );
  await step("Start a receiver, a queue and a chain for the operators", async () =>
    startLocalEnds(SYSTEM, await target()),
  );
  await step(`Upload training records of ${PLAYERS} players per dataset`, ({ at }) =>
    uploadSampleData(system, PLAYERS, at),
  );

  const access = await apiAccess(system, "sample-wallet");
  const batch = sampleBatch(config.api.maxRecords);
  const before = await step(`Predict ${batch.length} records of both datasets`, () => predict(access, batch));
  const serving = await servingRecords(system);
  const execution = await step(
    "Retrain all models",
    ({ at }) =>
      retrain(
        system,
        // What serves must be of the layout of this code, also when no record is new.
        models.map((model) => ({
          model: model.name,
          force: serving[model.name]?.featureHash !== layoutHash(model),
        })),
        at,
      ),
    endedWell,
  );
  if (!endedWell(execution)) {
    throw new UserError(
      `The main state machine ended as ${execution.status}: ${execution.error ?? ""} ${execution.cause ?? ""}\n` +
        `${whatServes(execution)} See the log: .local/system/emulator.log`,
    );
  }
  const runs = runsOf(execution);
  const trained = runs.some(({ status }) => status !== "Skipped");
  const after = trained ? await step("Predict again", () => answersOf(system, access, batch)) : undefined;

  const led = await step("Follow what the predictions led to", async () =>
    followUp(await target(), (after ?? before).predictions),
  );

  console.log(`\nPredictions${trained ? " before and after retraining" : ""}\n${predictionTable(before, after)}`);
  console.log(`\nInterventions\n${followUpTable(led)}`);
  console.log(
    `\nMain state machine: ${execution.status}\n  ${[...new Set(await executionPath(system, execution.arn))].join(" → ")}`,
  );
  console.log(`\n${runTable(runs, await fetchReports(system.s3, runs))}`);
  if (!trained)
    console.log("\nNothing is new since the last start. To train all the same: npm run retrain -- <model> --force");
  console.log(`\nTerraform: ${changes.added} added, ${changes.changed} changed, ${changes.destroyed} destroyed`);
  console.log(`\n${conformanceLine([await conformanceOf(system.emulator)])}`);
  console.log(`\n${timingTable("step")}`);
  console.log(`\nThe system is up.\n  API  ${access.url}\n  key  ${access.key}\n\n${curlOf(access)}\n`);
  console.log("npm run status shows what runs; npm stop ends it.");
  return undefined;
}

async function predict(access: Access, records: readonly unknown[]): Promise<Answered> {
  const { status, body } = await callApi(access, { records });
  if (status !== 200) throw new UserError(`The API answered ${status}: ${JSON.stringify(body)}`);
  return body as Answered;
}

/** Asks until every prediction names the promoted version: functions remember for a moment what serves. */
async function answersOf(
  system: Parameters<typeof servingRecords>[0],
  access: Access,
  batch: readonly unknown[],
): Promise<Answered> {
  const serving = await servingRecords(system);
  for (const deadline = Date.now() + 20_000; ; ) {
    const answered = await predict(access, batch);
    const stale = answered.predictions.filter(
      ({ model, modelVersion }) => serving[model]?.modelVersion !== modelVersion,
    );
    if (stale.length === 0) return answered;
    if (Date.now() > deadline) {
      throw new UserError(
        `The API still answers with ${stale[0]?.modelVersion} of ${stale[0]?.model} after promotion.`,
      );
    }
    await sleep(500);
  }
}

const curlOf = ({ url, key }: Access): string =>
  [
    `  curl -s ${url} \\`,
    `    -H 'x-api-key: ${key}' -H 'content-type: application/json' \\`,
    `    -d "{\\"records\\":[$(head -1 catalogue/datasets/gambling-behaviour/sample.jsonl)]}"`,
  ].join("\n");

const INTERRUPTED = "Interrupted. What is up stays up: npm start goes on from there, npm stop ends it.";

main("start", () => exclusively(SYSTEM, () => whileSaying(INTERRUPTED, start)));
