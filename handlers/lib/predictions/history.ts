import { createHash } from "node:crypto";
import { SECONDS_PER_DAY } from "../../../catalogue/datasets/kit/time";
import type { PlayerKey } from "../../../catalogue/interventions/evidence";
import { type MarketingStanding, marketingReason } from "../../../catalogue/interventions/marketing";
import { type Rules, USUAL_MARKETING } from "../../../catalogue/interventions/policy";
import type { Model } from "../../../catalogue/models";
import { type RiskGroup, type Suppression, strictestOf } from "../../../catalogue/risk/risk";
import { type CallFailure, toFailure, within } from "../util/failure";

/** What predictions for marketing to a player go by, beside the player's risk. */
export interface Marketing {
  /** The least risk group without them, where that is less than the model's. */
  readonly from: RiskGroup;
  /** Why there are none, whatever the risk. */
  readonly withheld?: string;
}

/** What was known of players before they are assessed. */
export interface Recalled {
  /** The `historyKey`s of those at risk, with the second since 1970 until which; `undefined` when nobody can tell. */
  readonly atRisk: ReadonlyMap<string, number> | undefined;
  readonly marketing: (player: PlayerKey) => Marketing;
}

/** What those know who remember nobody: it withholds nothing. */
export const NOTHING_RECALLED: Recalled = { atRisk: new Map(), marketing: () => ({ from: "severe" }) };

/** Remembers which players a model found at risk lately, and knows to whom nobody may market. */
export interface History {
  /** What is known of players, as far as predictions of these models depend on it. Never rejects. */
  readonly recall: (players: readonly PlayerKey[], models: readonly Model[]) => Promise<Recalled>;
  /** Remembers these keys, but for those that were recalled as remembered for about as long already. Never rejects. */
  readonly remember: (keys: readonly string[], recalled: Recalled) => Promise<void>;
}

export interface HistoryPorts {
  readonly read: (keys: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, number>>;
  readonly write: (keys: readonly string[], until: number, signal: AbortSignal) => Promise<void>;
  /** Reads the standing of those players who have one. */
  readonly standings: (
    players: readonly PlayerKey[],
    signal: AbortSignal,
  ) => Promise<readonly (PlayerKey & { readonly standing: MarketingStanding })[]>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

type Step = "read" | "write" | "standings";
type OnFailure = (step: Step, failure: CallFailure) => void;

export interface HistorySettings {
  readonly days: number;
  /** The most that reading may take beside the endpoints, and writing after them. */
  readonly budgetMs: number;
  /** By operator; of those that chose nothing, there is none. */
  readonly rules: ReadonlyMap<string, Rules["marketing"]>;
}

/** After a failure nothing is read for so long, so that an outage of a table delays few predictions. */
const REST_MS = 5_000;

/** Says nothing of the player to who reads the table, and is the same whichever client asks. */
export const historyKey = ({ model, from }: Suppression, { operatorId, playerId }: PlayerKey): string =>
  createHash("sha256")
    .update(JSON.stringify([model, from, operatorId, playerId]))
    .digest("hex")
    .slice(0, 32);

const playerName = ({ operatorId, playerId }: PlayerKey): string => JSON.stringify([operatorId, playerId]);

/** Makes each request's view of the history, which tells that request's failures. */
export function createHistory({ days, budgetMs, rules }: HistorySettings, ports: HistoryPorts) {
  let restsUntil = Number.NEGATIVE_INFINITY;
  const seconds = () => Math.floor(ports.now() / 1000);
  const ruleOf = ({ operatorId }: PlayerKey) => rules.get(operatorId) ?? USUAL_MARKETING;

  return (onFailure: OnFailure): History => {
    /** Answers nothing when it fails, or comes late. */
    const attempt = async <T>(step: Step, act: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> => {
      const signal = AbortSignal.timeout(budgetMs);
      try {
        return await within(signal, act(signal));
      } catch (error) {
        onFailure(step, toFailure(error));
        restsUntil = ports.now() + REST_MS;
        return undefined;
      }
    };
    const reading: typeof attempt = async (step, act) => (ports.now() < restsUntil ? undefined : attempt(step, act));

    return {
      recall: async (players, models) => {
        const suppressions = models.flatMap(({ suppression }) => suppression ?? []);
        if (suppressions.length === 0 || players.length === 0) return NOTHING_RECALLED;
        const each = [...new Map(players.map((player) => [playerName(player), player])).values()];
        const keys = each.flatMap((player) =>
          suppressions.map((own) => historyKey(strictestOf(own, ruleOf(player).suppressFrom), player)),
        );
        const [found, standings] = await Promise.all([
          reading("read", (signal) => ports.read([...new Set(keys)], signal)),
          reading("standings", (signal) => ports.standings(each, signal)),
        ]);
        const known = standings && new Map(standings.map((one) => [playerName(one), one.standing]));
        return {
          // DynamoDB removes what has expired within days, not at once.
          atRisk: found && new Map([...found].filter(([, until]) => until > seconds())),
          marketing: (player) => {
            const rule = ruleOf(player);
            // Of whom there is no standing, nothing is known that forbids.
            const withheld = marketingReason(known && (known.get(playerName(player)) ?? {}), rule);
            return { from: rule.suppressFrom, ...(withheld !== undefined && { withheld }) };
          },
        };
      },
      remember: async (keys, { atRisk }) => {
        const until = seconds() + days * SECONDS_PER_DAY;
        const fresh = keys.filter((key) => (atRisk?.get(key) ?? 0) < until - SECONDS_PER_DAY);
        if (fresh.length === 0) return;
        await attempt("write", (signal) => ports.write(fresh, until, signal));
      },
    };
  };
}
