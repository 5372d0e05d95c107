import type { KnownLine, UsableLine } from "./line";

/**
 * Holds back the lines of which only a group's other lines tell what becomes of them: those of players who excluded
 * themselves, and whose operator does not say until when it would have watched them. It would have for as long as it
 * watched anybody else. They are few, as exclusions are.
 */
export class DoubtfulLines {
  private readonly held: Extract<UsableLine, { kind: "doubtful" }>[] = [];
  /** By operator. */
  private readonly watched = new Map<string, number>();

  /** Returns what a line is; nothing as long as that is in doubt. */
  settle(line: UsableLine): KnownLine | undefined {
    const { operatorId, watchedUntil } = line;
    if (watchedUntil !== undefined) {
      this.watched.set(operatorId, Math.max(watchedUntil, this.watched.get(operatorId) ?? 0));
    }
    if (line.kind !== "doubtful") return line;
    this.held.push(line);
    return undefined;
  }

  /** Returns the lines that were held back, when all others of the group are known. */
  rest(): readonly KnownLine[] {
    return this.held.map(({ operatorId, until, ifWatched, otherwise }) =>
      (this.watched.get(operatorId) ?? 0) >= until ? ifWatched : otherwise,
    );
  }
}
