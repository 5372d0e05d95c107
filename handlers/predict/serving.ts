import { type CallFailure, toFailure, within } from "../shared/failure";
import { parseServingRecord, type ServingRecord } from "../shared/serving-record";

/** Short, because a promotion becomes visible only after it; long enough that SSM sees few calls of a busy function. */
const FRESH_MS = 5_000;

/**
 * Reads serving records through a cache. When a record cannot be read, the last good one is used, however old: an
 * outage of SSM must not stop predictions whose endpoint works. With none at all the model is refused, because nobody
 * can tell which features it was trained on.
 */
export function createServingRecords(ports: {
  readonly read: (parameter: string, signal: AbortSignal) => Promise<string>;
  readonly now: () => number;
  readonly onStale: (parameter: string, failure: CallFailure) => void;
}) {
  const cache = new Map<string, { readonly record: ServingRecord; readonly readAt: number }>();
  return async (parameter: string, signal: AbortSignal): Promise<ServingRecord> => {
    const cached = cache.get(parameter);
    if (cached !== undefined && ports.now() - cached.readAt < FRESH_MS) return cached.record;
    try {
      const record = parseServingRecord(await within(signal, ports.read(parameter, signal)));
      cache.set(parameter, { record, readAt: ports.now() });
      return record;
    } catch (error) {
      const failure = toFailure(error);
      if (cached === undefined) throw failure;
      ports.onStale(parameter, failure);
      // Not asked again for a while, so that a failing SSM does not slow every request down.
      cache.set(parameter, { ...cached, readAt: ports.now() });
      return cached.record;
    }
  };
}
