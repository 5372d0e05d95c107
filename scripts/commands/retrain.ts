import { LABELLING_MODES } from "../../catalogue/labelling/modes";
import { holderOf, stopRun } from "../lib/locks";
import { main } from "../lib/main";
import { UserError } from "../lib/process";
import { step } from "../lib/progress";
import { fetchReports } from "../lib/reports";
import { endedWell, retrain, runsOf, whatServes } from "../lib/retraining";
import { forceHint, runTable } from "../lib/summary";
import { knownModel, type Target, target } from "../lib/target";

/** Runs the main state machine for one model by hand. */
main("retrain", async ({ arguments: [name], options }) => {
  const mode = LABELLING_MODES.find((each) => each === options.labelling);
  const model = knownModel(name);
  const environment = await target();
  if (options.stop) return stop(environment, model);
  const holder = await holderOf(environment, model);
  if (holder?.running) {
    throw new UserError(
      `A run of ${model} is under way, so none was started: ${holder.execution}\n` +
        `Wait for its end, or stop it: npm run retrain -- ${model} --stop`,
    );
  }
  const execution = await step(
    `Retrain ${model}`,
    ({ at }) =>
      retrain(
        environment,
        [
          {
            model,
            force: options.force,
            ...(options.manual && { approval: "manual" }),
            ...(mode && { labelling: { mode } }),
          },
        ],
        at,
      ),
    endedWell,
  );
  if (!endedWell(execution)) {
    throw new UserError(`The run ended as ${execution.status}: ${execution.cause ?? ""}\n${whatServes(execution)}`);
  }
  const runs = runsOf(execution);
  console.log(`\n${runTable(runs, await fetchReports(environment.s3, runs))}`);
  const hint = options.force ? undefined : forceHint(runs);
  if (hint) console.log(`\n${hint}`);
  return undefined;
});

/** Stops the run of a model that is under way. */
async function stop(environment: Target, model: string): Promise<undefined> {
  const holder = await holderOf(environment, model);
  if (!holder?.running) throw new UserError(`No run of ${model} is under way, so there is nothing to stop.`);
  const done = await step(`Stop ${holder.execution}`, () =>
    stopRun(environment, holder, "Somebody stopped it by hand"),
  );
  for (const line of done) console.log(line);
  console.log(
    "What served before serves on. An update of an endpoint that had begun goes on; the next run looks at the endpoint and records what it serves.",
  );
  return undefined;
}
