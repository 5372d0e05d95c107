import { parseArgs } from "node:util";
import { driftTable, measureDrift } from "../lib/drift";
import { main, step } from "../lib/progress";
import { knownModel, target } from "../lib/target";

/** Measures the drift of one model's traffic by hand. */
main(async () => {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { hours: { type: "string" } } });
  const model = knownModel(positionals[0]);
  const environment = await target();
  const input = { model, ...(values.hours !== undefined && { hours: Number(values.hours) }) };
  const result = await step(`Measure the drift of ${model}`, () => measureDrift(environment, input));
  if (result.outcome === "skipped") {
    console.log(`\nSkipped, which does not say that nothing drifted: ${result.reason}.`);
  } else {
    console.log(`\n${driftTable(result)}\n\n${result.rows} rows: ${result.reason}.\n${result.report}`);
  }
  return undefined;
});
