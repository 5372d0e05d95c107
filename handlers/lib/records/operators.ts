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

/**
 * Counts rows by operator, and the players whom they are about. Of too many operators those whose names come first are
 * counted one by one, so that it makes no difference in which order rows and groups come.
 */
export class OperatorCounter {
  private readonly counted = new Map<string, Counted>();
  private readonly others = nothingCounted();
  private hasOthers = false;
  /** The last name of those counted, once there is no room for more. */
  private last: string | undefined;

  add(operator: string, more: Partial<Numbers>): PlayerMarks {
    return addTo(this.counterOf(operator), more).players;
  }

  private counterOf(operator: string): Counted {
    const known = this.counted.get(operator);
    if (known) return known;
    if (operator === OTHERS || (this.last !== undefined && operator > this.last)) {
      this.hasOthers = true;
      return this.others;
    }
    const found = nothingCounted();
    this.counted.set(operator, found);
    if (this.last !== undefined) this.toOthers(this.last);
    if (this.counted.size === MOST_OPERATORS) this.last = [...this.counted.keys()].reduce(later);
    return found;
  }

  private toOthers(operator: string): void {
    const { numbers, players } = this.counted.get(operator) ?? nothingCounted();
    addTo(this.others, numbers).players.addAll(players.toString());
    this.counted.delete(operator);
    this.hasOthers = true;
  }

  /** Returns the counts in the order of the operators' names. */
  result(): readonly OperatorRows[] {
    return [...this.counted, ...(this.hasOthers ? [[OTHERS, this.others] as const] : [])]
      .map(([operator, { numbers, players }]) => ({ operator, ...numbers, players: players.toString() }))
      .sort((one, other) => (one.operator < other.operator ? -1 : 1));
  }
}

const later = (one: string, other: string): string => (one > other ? one : other);

const nothingCounted = (): Counted => ({
  numbers: { labelled: 0, positives: 0, unlabelled: 0, observed: 0, observedPositives: 0 },
  players: new PlayerMarks(),
});

function addTo(counted: Counted, more: Partial<Numbers>): Counted {
  for (const key of Object.keys(counted.numbers) as (keyof Numbers)[]) counted.numbers[key] += more[key] ?? 0;
  return counted;
}
