import { retrain, servingRecords } from "../../../scripts/lib/retraining";
import type { System } from "../../../scripts/lib/system";
import { OUTCOME_LABELS } from "./system";

const INITIAL = "initial";

/** Those of the models of which it is so or not that they serve their initial version. */
async function thatServe(system: System, names: readonly string[], theInitial: boolean): Promise<string[]> {
  const serving = await servingRecords(system);
  return names.filter((name) => (serving[name]?.modelVersion === INITIAL) === theInitial);
}

/** Has the models serve a version that was trained with the sample data, if they do not yet. */
export async function trained(system: System, ...names: readonly string[]): Promise<void> {
  const wanted = await thatServe(system, names, true);
  if (wanted.length === 0) return;
  const { output, cause } = await retrain(
    system,
    wanted.map((model) => ({ model, force: true, ...OUTCOME_LABELS })),
  );
  expect([cause, output]).toMatchObject([undefined, wanted.map(() => ({ status: "Promoted" }))]);
}

/** Has the models serve their initial version, if they do not. */
export async function initial(system: System, ...names: readonly string[]): Promise<void> {
  const wanted = await thatServe(system, names, false);
  if (wanted.length === 0) return;
  const { output, cause } = await retrain(
    system,
    wanted.map((model) => ({ model, version: INITIAL })),
  );
  expect([cause, output]).toMatchObject([undefined, wanted.map(() => ({ status: "RolledBack" }))]);
}
