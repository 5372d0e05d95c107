import { UserError } from "../lib/process";
import { main, step } from "../lib/progress";
import { retrain, servingRecords } from "../lib/retraining";
import { knownModel, target } from "../lib/target";
import { versionsOf, versionTable } from "../lib/versions";

/** Makes a model's endpoint serve an earlier version, by the state machine's own verified way. */
main(async () => {
  const [name, version] = process.argv.slice(2);
  const model = knownModel(name);
  const environment = await target();
  if (version === undefined) {
    const serving = (await servingRecords(environment))[model]?.modelVersion;
    console.log(`${versionTable(await versionsOf(environment, model), serving)}\n`);
    throw new UserError(`Name one of the versions, or "initial": npm run rollback -- ${model} <version>`);
  }
  const execution = await step(`Roll ${model} back to ${version}`, ({ at }) =>
    retrain(environment, [{ model, version }], at),
  );
  if (execution.status !== "SUCCEEDED") {
    throw new UserError(
      `${model} was not rolled back: ${execution.cause ?? execution.status}\n` +
        "What served still does. A version that was pruned cannot come back; retrain instead.",
    );
  }
  console.log(`${model} serves ${version} again.`);
  return undefined;
});
