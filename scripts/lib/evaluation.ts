import type { LevelReport } from "../../catalogue/interventions/evaluation";
import { table } from "./table";

const score = (value: number): string => value.toFixed(3);

/** Writes what interventions did, level by level, for people at a terminal. */
export function evaluationTable(levels: readonly LevelReport[]): string {
  if (levels.length === 0) return "No intervention has been followed by a score for long enough.";
  const rows = levels.flatMap(({ level, treated, heldOut, effect }) =>
    [
      { who: "with it", mean: treated },
      { who: "held out", mean: heldOut },
    ]
      .filter(({ mean }) => mean.cases > 0)
      .map(({ who, mean }) => [
        level,
        who,
        mean.cases,
        score(mean.before),
        score(mean.after),
        who === "with it" && effect ? `${score(effect.difference)} (${score(effect.from)} to ${score(effect.to)})` : "",
      ]),
  );
  const note =
    "Only the effect, against players who were held out, says what an intervention did: scores that were high fall by themselves.";
  return `${table(["level", "players", "cases", "before", "after", "effect (95 %)"], rows)}\n\n${note}`;
}
