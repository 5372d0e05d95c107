import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { datasets } from "../../catalogue/datasets";
import { parseScoringResult, type ScoringResult } from "../../contracts/scoring-result";
import { Naming } from "../../modules/base/naming";
import { UserError, whileSaying } from "./process";
import { type Execution, executionEnd } from "./retraining";
import { table } from "./table";
import type { Target } from "./target";

/** Tells the name of a dataset from another text. Throws the names that there are. */
export function knownDataset(name: string | undefined): string {
  const found = datasets.find((dataset) => dataset.name === name);
  if (found) return found.name;
  throw new UserError(
    `Name a dataset: ${datasets.map((dataset) => dataset.name).join(", ")}${name === undefined ? "" : ` (not "${name}")`}`,
  );
}

/** Scores all players of a dataset once, and waits for the end, however it ends. */
export async function score(
  system: Pick<Target, "states" | "config">,
  dataset: string,
  at?: (what: string) => void,
): Promise<Execution> {
  const { executionArn } = await system.states.send(
    new StartExecutionCommand({
      stateMachineArn: new Naming(system.config).stateMachineArn("score"),
      input: JSON.stringify({ dataset }),
    }),
  );
  return whileSaying(`The scoring goes on without this command: ${executionArn}`, () =>
    executionEnd(system, executionArn as string, at),
  );
}

/** Reads what an execution that ended well says. Throws when it says anything else. */
export const scoringOf = ({ output }: Execution): ScoringResult => parseScoringResult(output);

/** Writes what a scoring found, for people. */
export function scoringSummary({
  status,
  date,
  players,
  risk = {},
  records,
  leftOut,
  reason,
  dataset,
}: ScoringResult): string {
  if (status === "Skipped") return `Nobody was scored: ${reason}.`;
  return [
    table(["risk", "players"], Object.entries(risk)),
    "",
    `${players} players of ${dataset}: scored/${dataset}/date=${date}/ in its data bucket, and an event of each.`,
    `${records}.`,
    ...(leftOut ? [`Left out: ${leftOut}.`] : []),
  ].join("\n");
}
