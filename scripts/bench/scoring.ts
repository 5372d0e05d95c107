import { datasets } from "../../catalogue/datasets";
import { UserError } from "../lib/process";
import { endedWell } from "../lib/retraining";
import { uploadSampleData } from "../lib/sample-data";
import { score, scoringOf } from "../lib/scoring";
import type { System } from "../lib/system";
import type { Result } from "./result";

const PLAYERS = 20_000;

/** Measures a scoring of many players of each dataset, from the start to the last event on the bus. */
export async function measureScoring(system: System, at: (what: string) => void): Promise<Result[]> {
  await uploadSampleData(system, PLAYERS, at);
  const results: Result[] = [];
  for (const { name } of datasets) {
    const started = performance.now();
    const execution = await score(system, name, (state) => at(`${name}: ${state}`));
    const value = performance.now() - started;
    if (!endedWell(execution))
      throw new UserError(`The scoring ended as ${execution.status}: ${execution.cause ?? ""}`);
    const { players, risk = {} } = scoringOf(execution);
    if (players !== PLAYERS) throw new UserError(`${players} of ${PLAYERS} players of ${name} were scored`);
    const groups = Object.entries(risk).map(([group, count]) => `${count} ${group}`);
    results.push({
      what: `scoring of all players of ${name}`,
      value,
      unit: "ms",
      detail: `${PLAYERS} players: ${groups.join(", ")}`,
      limit: { of: "value", atMost: 180_000 },
    });
  }
  return results;
}
