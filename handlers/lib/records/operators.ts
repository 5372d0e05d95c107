import type { OperatorRows } from "../../../contracts/run-layout";
import { PlayerMarks } from "./player-marks";

/** Numbers of an operator's rows, which add up. */
export type Numbers = Omit<OperatorRows, "operator" | "players">;

/** More are a field that holds something else, such as players. */
const MOST_OPERATORS = 1000;
/** Names the operators beyond those that are counted one by one; no operator can have this name. */
const OTHERS = "…";

interface Counted {
  readonly numbers: { -readonly [Key in keyof Numbers]: number };
  readonly players: PlayerMarks;
}

/** Counts rows by operator, and the players whom they are about. */
export class OperatorCounter {
  private readonly counted = new Map<string, Counted>();

  add(operator: string, more: Partial<Numbers>): PlayerMarks {
    const name = this.counted.has(operator) || this.counted.size < MOST_OPERATORS ? operator : OTHERS;
    const found = this.counted.get(name) ?? {
      numbers: { labelled: 0, positives: 0, unlabelled: 0, observed: 0, observedPositives: 0 },
      players: new PlayerMarks(),
    };
    for (const key of Object.keys(found.numbers) as (keyof Numbers)[]) found.numbers[key] += more[key] ?? 0;
    this.counted.set(name, found);
    return found.players;
  }

  /** Returns the counts in the order of the operators' names. */
  result(): readonly OperatorRows[] {
    return [...this.counted]
      .map(([operator, { numbers, players }]) => ({ operator, ...numbers, players: players.toString() }))
      .sort((one, other) => (one.operator < other.operator ? -1 : 1));
  }
}
