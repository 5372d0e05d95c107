import { createHash } from "node:crypto";
import { SECONDS_PER_DAY } from "../../../catalogue/datasets/kit/time";
import type { Suppression } from "../../../catalogue/risk/risk";
import type { Row } from "../../../contracts/request-path";
import { type CallFailure, toFailure, within } from "../util/failure";

/** Maps `historyKey`s of players at risk to the second since 1970 until which they are remembered. */
export type Recalled = ReadonlyMap<string, number>;

/** Remembers which players a model found at risk lately, whatever it makes of them now. */
export interface History {
  /** Those of the keys that are remembered; `undefined` when nobody can tell. Never rejects. */
  readonly recall: (keys: readonly string[]) => Promise<Recalled | undefined>;
  /** Remembers these, but for those that were recalled as remembered for about as long already. Never rejects. */
  readonly remember: (keys: readonly string[], recalled: Recalled | undefined) => Promise<void>;
}

export interface HistoryPorts {
  readonly read: (keys: readonly string[], signal: AbortSignal) => Promise<Recalled>;
  readonly write: (keys: readonly string[], until: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

type Step = "read" | "write";
type OnFailure = (step: Step, failure: CallFailure) => void;

export interface HistorySettings {
  readonly days: number;
  /** The most that reading may take beside the endpoints, and writing after them. */
  readonly budgetMs: number;
}

/** After a failure nothing is read for so long, so that an outage of the table delays few predictions. */
const REST_MS = 5_000;

/** Says nothing of the player to who reads the table, and is the same whichever client asks. */
export const historyKey = (
  { model, from }: Suppression,
  { operatorId, playerId }: Pick<Row, "operatorId" | "playerId">,
): string =>
  createHash("sha256")
    .update(JSON.stringify([model, from, operatorId, playerId]))
    .digest("hex")
    .slice(0, 32);

/** Makes each request's view of the history, which tells that request's failures. */
export function createHistory({ days, budgetMs }: HistorySettings, ports: HistoryPorts) {
  let restsUntil = Number.NEGATIVE_INFINITY;
  const seconds = () => Math.floor(ports.now() / 1000);
  const attempt = async <T>(act: (signal: AbortSignal) => Promise<T>, onFailure: (failure: CallFailure) => void) => {
    const signal = AbortSignal.timeout(budgetMs);
    try {
      return await within(signal, act(signal));
    } catch (error) {
      onFailure(toFailure(error));
      restsUntil = ports.now() + REST_MS;
      return undefined;
    }
  };
  return (onFailure: OnFailure): History => ({
    recall: async (keys) => {
      if (keys.length === 0) return new Map();
      if (ports.now() < restsUntil) return undefined;
      const found = await attempt(
        (signal) => ports.read(keys, signal),
        (failure) => onFailure("read", failure),
      );
      // DynamoDB removes what has expired within days, not at once.
      return found && new Map([...found].filter(([, until]) => until > seconds()));
    },
    remember: async (keys, recalled) => {
      const until = seconds() + days * SECONDS_PER_DAY;
      const fresh = keys.filter((key) => (recalled?.get(key) ?? 0) < until - SECONDS_PER_DAY);
      if (fresh.length === 0) return;
      await attempt(
        (signal) => ports.write(fresh, until, signal),
        (failure) => onFailure("write", failure),
      );
    },
  });
}
