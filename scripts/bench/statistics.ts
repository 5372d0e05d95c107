/** Finds the value that a share of all values does not exceed (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new Error("Nothing was measured");
  return found;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/**
 * Measures several things in turn, round after round, so that what the machine does meanwhile falls on all of them
 * alike. The first round, in which files are read for the first time, does not count.
 */
export async function alternate<K extends string>(
  rounds: number,
  measures: Readonly<Record<K, () => Promise<number>>>,
  at: (what: string) => void,
): Promise<Readonly<Record<K, readonly number[]>>> {
  const names = Object.keys(measures) as K[];
  const measured = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round <= rounds; round += 1) {
    at(round === 0 ? "warming up" : `round ${round} of ${rounds}`);
    for (const name of names) {
      const value = await measures[name]();
      if (round > 0) measured[name].push(value);
    }
  }
  return measured;
}
