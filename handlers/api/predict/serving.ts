import { parseServingRecord } from "../../../contracts/serving-record";
import { CallFailure, toFailure } from "../../lib/util/failure";
import type { Serving } from "./logic";

/** Between two reads of a record that cannot be read, or whose features differ from the rows': SSM bounds calls. */
const PAUSE_MS = 5_000;
/** A record that is so many times older than fresh is waited for. */
const LATE = 10;
/** Older than this a record is not believed: nobody should be told of a version that may long be gone. */
const MAXIMUM_AGE_MS = 3_600_000;

/** Throws a `CallFailure` when the text is no serving record. */
function servingOf(text: string): Serving {
  try {
    return parseServingRecord(text, "modelVersion", "featureHash");
  } catch (error) {
    throw new CallFailure("refused", (error as Error).message);
  }
}

/**
 * Reads serving records through a cache. A record that is no longer fresh is read again beside the endpoint's call and
 * never in its way: the request takes what is known when the endpoint has answered. A record of other features than the
 * rows' is read again at once, because a promotion may have changed them. When it cannot be read, the last good one is
 * used for an hour: an outage of SSM must not stop predictions whose endpoint works. With none at all the model is
 * refused, because nobody can tell which features it was trained on.
 */
export function createServingRecords(
  freshMs: number,
  ports: {
    readonly read: (parameter: string) => Promise<string>;
    readonly now: () => number;
    readonly onStale: (parameter: string, failure: CallFailure) => void;
  },
) {
  const known = new Map<string, { readonly record: Serving; readonly readAt: number }>();
  const triedAt = new Map<string, number>();
  const underWay = new Map<string, Promise<CallFailure | undefined>>();

  const refresh = async (parameter: string): Promise<CallFailure | undefined> => {
    triedAt.set(parameter, ports.now());
    try {
      known.set(parameter, { record: servingOf(await ports.read(parameter)), readAt: ports.now() });
      return undefined;
    } catch (error) {
      const failure = toFailure(error);
      if (known.has(parameter)) ports.onStale(parameter, failure);
      return failure;
    }
  };
  const refreshOnce = (parameter: string): Promise<CallFailure | undefined> => {
    const refreshing = underWay.get(parameter) ?? refresh(parameter).finally(() => underWay.delete(parameter));
    underWay.set(parameter, refreshing);
    return refreshing;
  };

  /** The record for rows of these features; `endpoint` fulfils when the endpoint has answered, well or not. */
  return async (parameter: string, layout: string, endpoint: Promise<unknown>): Promise<Serving> => {
    const ageOf = (instant = Number.NEGATIVE_INFINITY) => ports.now() - instant;
    const before = known.get(parameter);
    const age = ageOf(before?.readAt);
    const fits = before?.record.featureHash === layout;
    const pausing = ageOf(triedAt.get(parameter)) < Math.min(PAUSE_MS, freshMs) && !underWay.has(parameter);
    if (before && ((fits && age < freshMs) || (pausing && age < MAXIMUM_AGE_MS))) return before.record;

    const refreshing = refreshOnce(parameter);
    if (fits && age < LATE * freshMs) await Promise.race([refreshing, endpoint]);
    else await refreshing;
    const after = known.get(parameter);
    if (after && ageOf(after.readAt) < MAXIMUM_AGE_MS) return after.record;
    throw await refreshing;
  };
}
