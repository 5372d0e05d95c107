import type { Dataset, RecordIdentity } from "./dataset";

/**
 * Places of the examples among a thousand synthetic players in the order of their true probability; the last is the
 * riskiest.
 */
const QUANTILES = [0.05, 0.4, 0.7, 0.9, 0.999];
const OPTIONS = { seed: 20_261_101, players: 1000, now: "2026-11-01T00:00:00Z" };

/**
 * Chooses examples of records for requests, from the least to the most risk: the contents of a dataset's
 * `sample.jsonl`.
 */
export function sampleRecords<R extends RecordIdentity>(dataset: Dataset<R>): Omit<R, "outcome">[] {
  const players = [...dataset.generate(OPTIONS)].sort((one, other) => one.probability - other.probability);
  return QUANTILES.map((quantile) => {
    const { outcome: _, ...record } = (players[Math.floor(quantile * players.length)] as (typeof players)[number])
      .record;
    return record;
  });
}

/** Writes `sampleRecords` as JSON Lines. */
export function sampleText(dataset: Dataset): string {
  return sampleRecords(dataset)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join("");
}
