import { parseArgs } from "node:util";
import { holderOf, stopHolder } from "../lib/locks";
import { UserError } from "../lib/process";
import { main, step } from "../lib/progress";
import { type ModelRun, retrain, servingRecords, whatServes } from "../lib/retraining";
import { knownModel, target } from "../lib/target";
import { versionsOf, versionTable } from "../lib/versions";

/** Makes a model's endpoint serve an earlier version, by the state machine's own verified way. */
main(async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { urgent: { type: "boolean", default: false }, override: { type: "string" } },
  });
  const [name, version] = positionals;
  const model = knownModel(name);
  const environment = await target();
  if (version === undefined) {
    const serving = (await servingRecords(environment))[model]?.modelVersion;
    console.log(`${versionTable(await versionsOf(environment, model), serving)}\n`);
    throw new UserError(`Name one of the versions, or "initial": npm run rollback -- ${model} <version>`);
  }
  const holder = await holderOf(environment, model);
  if (holder?.running) {
    if (!values.urgent) {
      throw new UserError(
        `A run of ${model} is under way, and nothing was changed: ${holder.execution}\n` +
          `Wait for its end, or stop it and everything that it does: npm run rollback -- ${model} ${version} --urgent`,
      );
    }
    await step(`Stop ${holder.execution}`, () => stopHolder(environment, holder));
  }
  const { override } = values;
  const execution = await step(`Roll ${model} back to ${version}`, ({ at }) =>
    retrain(environment, [{ model, version, ...(override !== undefined && { override }) }], at),
  );
  const [run] = (execution.status === "SUCCEEDED" ? execution.output : []) as readonly ModelRun[];
  if (run?.status !== "RolledBack") {
    throw new UserError(
      `${model} was not rolled back: ${run?.reason ?? execution.cause ?? execution.status}\n` +
        `${whatServes(execution)}\nA version that was pruned cannot come back; retrain instead. One that nobody approved ` +
        'serves with a reason that goes on record: --override "<why>".',
    );
  }
  console.log(`${model} serves ${version} again.`);
  return undefined;
});
