import { main } from "../lib/main";
import { UserError } from "../lib/process";
import { step } from "../lib/progress";
import { endedWell } from "../lib/retraining";
import { knownDataset, score, scoringOf, scoringSummary } from "../lib/scoring";
import { target } from "../lib/target";

/** Scores the newest record of every player of a dataset by hand. */
main("score", async ({ arguments: [name] }) => {
  const dataset = knownDataset(name);
  const environment = await target();
  const execution = await step(
    `Score all players of ${dataset}`,
    ({ at }) => score(environment, dataset, at),
    endedWell,
  );
  if (!endedWell(execution)) throw new UserError(`The scoring ended as ${execution.status}: ${execution.cause ?? ""}`);
  console.log(`\n${scoringSummary(scoringOf(execution))}`);
  return undefined;
});
