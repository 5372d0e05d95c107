import { driftTable, measureDrift } from "../lib/drift";
import { main } from "../lib/main";
import { step } from "../lib/progress";
import { knownModel, target } from "../lib/target";

/** Measures the drift of one model's traffic by hand. */
main("drift", async ({ arguments: [name], options: { hours } }) => {
  const model = knownModel(name);
  const environment = await target();
  const input = { model, ...(hours !== undefined && { hours: Number(hours) }) };
  const result = await step(`Measure the drift of ${model}`, () => measureDrift(environment, input));
  if (result.outcome === "skipped") {
    console.log(`\nSkipped, which does not say that nothing drifted: ${result.reason}.`);
  } else {
    console.log(`\n${driftTable(result)}\n\n${result.rows} rows: ${result.reason}.\n${result.report}`);
  }
  return undefined;
});
