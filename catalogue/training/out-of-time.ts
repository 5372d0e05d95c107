import { dateOfDay, MILLISECONDS_PER_DAY } from "../datasets/kit/time";

/** The latest labelled records are a second test, of a time that a model has not seen: this share of them, */
const SHARE = 0.15;
/** and no more than this, because the newest records are the best to learn from. */
const MOST = 0.3;

/** Where the time begins of which no record is trained on, validated with, or in the first test. */
export interface TimeCut {
  /** Milliseconds since 1970, the start of a day in UTC; `null` where the records leave nothing to test so. */
  readonly from: number | null;
  /** Present when there is no such time: the reason. */
  readonly why?: string | undefined;
}

/**
 * Cuts time where about the latest 15 % of the labelled records begin. Days stay whole, because a warehouse writes many
 * records of one day, and those are no later than each other.
 *
 * @param days Labelled records of each day, by its number since 1970 in UTC.
 */
export function timeCut(days: ReadonlyMap<number, number>): TimeCut {
  const latestFirst = [...days].filter(([, records]) => records > 0).sort(([one], [other]) => other - one);
  const all = latestFirst.reduce((sum, [, records]) => sum + records, 0);
  const distance = (share: number) => Math.abs(share - SHARE);
  let [taken, from, nearest] = [0, Number.NaN, Number.POSITIVE_INFINITY];
  for (const [day, records] of latestFirst) {
    taken += records;
    const share = taken / all;
    if (share > MOST || distance(share) >= nearest) break;
    [from, nearest] = [day, distance(share)];
  }
  return Number.isNaN(from) ? { from: null, why: reason(latestFirst, all) } : { from: from * MILLISECONDS_PER_DAY };
}

function reason(latestFirst: readonly (readonly [day: number, records: number])[], all: number): string {
  const [last] = latestFirst;
  if (last === undefined) return "no record has a label";
  const [day, records] = last;
  const date = dateOfDay(day);
  if (records === all) return `all labelled records are of one day, ${date}`;
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  return `${percent(records / all)} of the labelled records are of the last day, ${date}, and ${percent(MOST)} at most are left out of training`;
}
