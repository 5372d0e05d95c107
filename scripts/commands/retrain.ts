import { parseArgs } from "node:util";
import { LABELLING_MODES } from "../../catalogue/labelling";
import { UserError } from "../lib/process";
import { main, step } from "../lib/progress";
import { fetchReports } from "../lib/reports";
import { type ModelRun, retrain, whatServes } from "../lib/retraining";
import { runTable } from "../lib/summary";
import { knownModel, target } from "../lib/target";

/** Runs the main state machine for one model by hand. */
main(async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      force: { type: "boolean", default: false },
      manual: { type: "boolean", default: false },
      labelling: { type: "string" },
    },
  });
  const mode = LABELLING_MODES.find((each) => each === values.labelling);
  if (values.labelling !== undefined && mode === undefined) {
    throw new UserError(`--labelling must be one of ${LABELLING_MODES.join(", ")}, not "${values.labelling}".`);
  }
  const model = knownModel(positionals[0]);
  const environment = await target();
  const execution = await step(`Retrain ${model}`, ({ at }) =>
    retrain(
      environment,
      [
        {
          model,
          force: values.force,
          ...(values.manual && { approval: "manual" }),
          ...(mode && { labelling: { mode } }),
        },
      ],
      at,
    ),
  );
  if (execution.status !== "SUCCEEDED") {
    throw new UserError(`The run ended as ${execution.status}: ${execution.cause ?? ""}\n${whatServes(execution)}`);
  }
  const runs = execution.output as readonly ModelRun[];
  console.log(`\n${runTable(runs, await fetchReports(environment.s3, runs))}`);
  if (runs[0]?.status === "Skipped" && !values.force)
    console.log("\nnpm run retrain -- <model> --force trains on what is there all the same.");
  return undefined;
});
