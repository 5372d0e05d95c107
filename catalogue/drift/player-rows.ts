/** A player's row of captured traffic. */
export interface PlayerRow {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** In the order of the vector; NaN is missing. */
  readonly features: Float32Array;
  readonly score: number;
}

/**
 * Keeps the latest row of each player, so that whoever sends many requests counts once. Of more players than `most` it
 * keeps those with the least keys: keys are hashes, so these are a uniform sample, the same in whichever order rows come,
 * and memory is bounded.
 */
export class PlayerRows {
  /** Rows that were added, whosever they are. */
  added = 0;
  private readonly latest = new Map<string, PlayerRow>();
  /** No player from here on is kept. */
  private bound: string | undefined;

  constructor(
    private readonly most: number,
    /** So many players more are kept between two sortings, which makes these cheap. */
    private readonly slack = Math.ceil(most / 4),
  ) {}

  add(player: string, row: PlayerRow): void {
    this.added += 1;
    if (this.bound !== undefined && player >= this.bound) return;
    const known = this.latest.get(player);
    if (known === undefined || known.at <= row.at) this.latest.set(player, row);
    if (this.latest.size > this.most + this.slack) this.shrink();
  }

  /** The number of players that are kept. */
  get players(): number {
    return Math.min(this.latest.size, this.most);
  }

  /** Lists the rows in the order of their players' keys, so that the first of them are a uniform sample too. */
  rows(): readonly PlayerRow[] {
    if (this.latest.size > this.most) this.shrink();
    return [...this.latest].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
  }

  private shrink(): void {
    const keys = [...this.latest.keys()].sort();
    this.bound = keys[this.most];
    for (const key of keys.slice(this.most)) this.latest.delete(key);
  }
}
