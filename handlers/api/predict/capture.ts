import type { PredictRequest, Row } from "../../../contracts/request-path";
import { chunksOf } from "../../lib/util/chunks";
import { type CallFailure, toFailure, within } from "../../lib/util/failure";

/** A row's scores, by model, of those models that gave it one. */
export type ScoresOf = (row: Row) => Readonly<Record<string, number>>;

export interface CapturePorts {
  /** Hands records over to a delivery stream; throws a `CallFailure` when it does not take all of them. */
  readonly put: (stream: string, records: readonly string[], signal: AbortSignal) => Promise<void>;
  /** At least 0 and below 1. */
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called once per request that was chosen, whether its rows could be captured or not. */
  readonly onCaptured: (dataset: string, rows: number, failure?: CallFailure) => void;
}

export interface CaptureSettings {
  /** Share of the requests to capture, 0 to 1. */
  readonly share: number;
  /** Delivery stream of each dataset. */
  readonly streams: ReadonlyMap<string, string>;
}

/** The most that capturing may delay a prediction. */
export const CAPTURE_BUDGET_MS = 300;
/** After a failure nothing is captured for so long, so that an outage of the stream delays few predictions. */
const REST_MS = 10_000;
/** Firehose takes 1,000 KiB a record. It bills each as a multiple of 5 kB, so all lines of a request share one. */
const MAX_RECORD_BYTES = 900_000;
/** Firehose takes 4 MB a call; in base64 these are 3.7. */
const MAX_CALL_BYTES = 2_800_000;

/**
 * Captures the features and scores of some requests, chosen whole and at random, for the measurement of drift: one
 * JSON line a row, which says nothing of player or operator. Never rejects: traffic that is not captured is not missed.
 */
export function createCapture({ share, streams }: CaptureSettings, ports: CapturePorts) {
  let restsUntil = 0;
  return async ({ dataset, featureHash, rows }: PredictRequest, scoresOf: ScoresOf): Promise<void> => {
    const stream = streams.get(dataset);
    const now = ports.now();
    if (stream === undefined || now < restsUntil || ports.random() >= share) return;

    const at = new Date(now).toISOString();
    const scored = rows.flatMap((row) => {
      const scores = scoresOf(row);
      const { features } = row;
      return Object.keys(scores).length > 0 ? [JSON.stringify({ at, featureHash, features, scores })] : [];
    });
    if (scored.length === 0) return;
    const records = chunksOf(scored, MAX_RECORD_BYTES, String).map(({ texts }) => `${texts.join("\n")}\n`);
    const calls = chunksOf(records, MAX_CALL_BYTES, String);
    const signal = AbortSignal.timeout(CAPTURE_BUDGET_MS);
    try {
      await within(signal, Promise.all(calls.map(({ items }) => ports.put(stream, items, signal))));
      ports.onCaptured(dataset, scored.length);
    } catch (error) {
      restsUntil = ports.now() + REST_MS;
      ports.onCaptured(dataset, scored.length, toFailure(error));
    }
  };
}
