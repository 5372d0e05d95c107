import { holderOf, stopRun } from "../lib/locks";
import { main } from "../lib/main";
import { UserError } from "../lib/process";
import { step } from "../lib/progress";
import { type Execution, endedWell, retrain, runsOf, servingRecords, whatServes } from "../lib/retraining";
import { knownModel, target } from "../lib/target";
import { requireVersion, versionsOf, versionTable } from "../lib/versions";

/** Makes a model's endpoint serve an earlier version, by the state machine's own verified way. */
main("rollback", async ({ arguments: [name, version], options }) => {
  const model = knownModel(name);
  const environment = await target();
  if (version === undefined) {
    const serving = (await servingRecords(environment))[model]?.modelVersion;
    console.log(`${versionTable(await versionsOf(environment, model), serving)}\n`);
    throw new UserError(`Name one of the versions, or "initial": npm run rollback -- ${model} <version>`);
  }
  await requireVersion(environment, model, version);
  const holder = await holderOf(environment, model);
  if (holder?.running) {
    if (!options.urgent) {
      throw new UserError(
        `A run of ${model} is under way, and nothing was changed: ${holder.execution}\n` +
          `Wait for its end, or stop it and everything that it does: npm run rollback -- ${model} ${version} --urgent`,
      );
    }
    const stopped = await step(`Stop ${holder.execution}`, () =>
      stopRun(environment, holder, "An urgent roll-back takes over"),
    );
    for (const line of stopped) console.log(line);
  }
  const { override } = options;
  const runOf = (execution: Execution) =>
    (endedWell(execution) ? runsOf(execution) : []).find((each) => each.model === model);
  const execution = await step(
    `Roll ${model} back to ${version}`,
    ({ at }) => retrain(environment, [{ model, version, ...(override !== undefined && { override }) }], at),
    (ended) => runOf(ended)?.status === "RolledBack",
  );
  const run = runOf(execution);
  if (run?.status !== "RolledBack") {
    throw new UserError(
      `${model} was not rolled back: ${run?.reason ?? execution.cause ?? execution.status}\n` +
        `${whatServes(execution)}` +
        (override === undefined
          ? '\nA version that nobody approved serves with a reason that goes on record: --override "<why>".'
          : ""),
    );
  }
  if (run.corrected) console.log(run.corrected);
  console.log(`${model} serves ${version} again.`);
  return undefined;
});
