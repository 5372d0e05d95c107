import { createHmac } from "node:crypto";
import type { Row } from "../../../contracts/request-path";
import { chunksOf } from "../../lib/util/chunks";
import type { CallFailure } from "../../lib/util/failure";
import type { Sink } from "./sinks";

export interface CapturePorts {
  /** Hands records over to a delivery stream; throws a `CallFailure` when it does not take all of them. */
  readonly put: (stream: string, records: readonly string[], signal: AbortSignal) => Promise<void>;
  /** Reads the secret by which players get their keys. */
  readonly secret: (signal: AbortSignal) => Promise<string>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told how many rows of a request were captured, where there are any, or why none could be. */
  readonly onCaptured: (dataset: string, rows: number, failure?: CallFailure) => void;
}

export interface CaptureSettings {
  /** Share of the players to capture, 0 to 1. */
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

/** Bytes of a player's digest: the first are the key, and others decide on the choice, so that it says nothing of keys. */
const KEY_BYTES = 12;

/** Makes the key of a row's player, and a number in [0, 1) that chooses the player; both are the same in every request. */
function pseudonym(secret: string, { operatorId, playerId }: Row): { readonly key: string; readonly chance: number } {
  const digest = createHmac("sha256", secret)
    .update(JSON.stringify([operatorId, playerId]))
    .digest();
  return { key: digest.toString("base64url", 0, KEY_BYTES), chance: digest.readUInt32BE(KEY_BYTES) / 2 ** 32 };
}

/** Clients are not told of traffic that is not captured. */
const NOTHING_MISSED: readonly number[] = [];

/**
 * Captures the features and scores of some players, for the measurement of drift: one JSON line a row, with a keyed hash
 * of the player instead of player and operator. Players are chosen, and not requests, because otherwise those who send
 * many would be captured more often than others.
 */
export function createCapture({ share, streams }: CaptureSettings, ports: CapturePorts): Sink {
  let restsUntil = 0;
  let secret: string | undefined;

  return {
    budgetMs: CAPTURE_BUDGET_MS,
    take: async ({ request: { dataset, featureHash, rows }, scoresOf }, signal) => {
      const stream = streams.get(dataset);
      const now = ports.now();
      if (stream === undefined || now < restsUntil) return NOTHING_MISSED;
      const scored = rows.map((row) => ({ row, scores: scoresOf(row) })).filter(({ scores }) => hasAny(scores));
      if (scored.length === 0) return NOTHING_MISSED;
      secret ??= await ports.secret(signal);
      const salt = secret;
      const at = new Date(now).toISOString();
      const lines = scored.flatMap(({ row, scores }) => {
        const { key: player, chance } = pseudonym(salt, row);
        const { features } = row;
        return chance < share ? [JSON.stringify({ at, player, featureHash, features, scores })] : [];
      });
      if (lines.length === 0) return NOTHING_MISSED;
      const records = chunksOf(lines, MAX_RECORD_BYTES, String).map(({ texts }) => `${texts.join("\n")}\n`);
      const calls = chunksOf(records, MAX_CALL_BYTES, String);
      await Promise.all(calls.map(({ items }) => ports.put(stream, items, signal)));
      ports.onCaptured(dataset, lines.length);
      return NOTHING_MISSED;
    },
    fail: ({ request }, failure) => {
      restsUntil = ports.now() + REST_MS;
      ports.onCaptured(request.dataset, 0, failure);
      return NOTHING_MISSED;
    },
  };
}

const hasAny = (scores: object): boolean => Object.keys(scores).length > 0;
