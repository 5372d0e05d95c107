import type { KnownLine, UsableLine } from "./line";

/** A line, and what is known of it beside. */
interface Read<Line> {
  readonly line: Line;
}

/**
 * Holds back the lines of which only a group's other lines tell what becomes of them: those of players who excluded
 * themselves, and whose operator does not say until when it would have watched them. It would have for as long as it
 * watched anybody else. They are few, as exclusions are.
 */
export class DoubtfulLines<Of> {
  private readonly held: (Of & Read<Extract<UsableLine, { kind: "doubtful" }>>)[] = [];
  /** By operator. */
  private readonly watched = new Map<string, number>();

  /** Notes until when the operator of a line has watched. */
  note({ operatorId, watchedUntil }: UsableLine): void {
    if (watchedUntil === undefined) return;
    this.watched.set(operatorId, Math.max(watchedUntil, this.watched.get(operatorId) ?? 0));
  }

  /** Returns what a line is; nothing as long as that is in doubt. */
  settle(read: Of & Read<UsableLine>): (Of & Read<KnownLine>) | undefined {
    const { line } = read;
    this.note(line);
    if (line.kind !== "doubtful") return { ...read, line };
    this.held.push({ ...read, line });
    return undefined;
  }

  /** Returns the lines that were held back, when all others of the group are known. */
  rest(): readonly (Of & Read<KnownLine>)[] {
    return this.held.map((read) => {
      const { operatorId, until, ifWatched, otherwise } = read.line;
      return { ...read, line: (this.watched.get(operatorId) ?? 0) >= until ? ifWatched : otherwise };
    });
  }
}
