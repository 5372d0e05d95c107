import { createHash } from "node:crypto";
import type { Assessment, Evidence, PlayerKey } from "../../../catalogue/interventions/evidence";
import { fold, NO_EVIDENCE, type State, withEntry } from "../../../catalogue/interventions/fold";
import { POLICIES } from "../../../catalogue/interventions/policies";
import type { Rules } from "../../../catalogue/interventions/policy";
import type { RiskGroup } from "../../../catalogue/risk/risk";
import {
  type Applied,
  type Change,
  PlayerRefused,
  type PlayerStore,
  type Review,
} from "../../../handlers/lib/interventions/player-store";

const rules: Rules = {
  policy: POLICIES.cautious,
  holdOutShare: 0,
  marketing: { consent: "declared", suppressFrom: "high" },
};

interface Known {
  evidence: Evidence[];
  changedAt: string;
}

/** Players in memory, with states of the real fold; what is asked of it is kept. */
export class FakePlayerStore implements PlayerStore {
  private readonly players = new Map<string, { readonly key: PlayerKey } & Known>();
  readonly reviews = new Map<string, Review & { readonly operatorId: string }>();
  readonly writes: object[] = [];
  now = "2026-11-26T12:00:00.000Z";

  /** Adds an assessment, at the store's time, of a risk by one model of risk and one of marketing. */
  assess(operatorId: string, playerId: string, risk: RiskGroup, at = this.now): void {
    const id = createHash("sha256").update(`${playerId} ${at}`).digest("hex").slice(0, 32);
    const assessment: Assessment = {
      ...{ kind: "assessment", id, at, risk, reasons: ["night-play"] },
      predictions: [
        { id: "a".repeat(32), model: "problem", modelVersion: "v1", score: 0.9, risk },
        { id: "b".repeat(32), model: "marketing", modelVersion: "v1", score: 17 },
      ],
    };
    this.add({ operatorId, playerId }, assessment, at);
  }

  private add(key: PlayerKey, entry: Evidence, at = this.now): State {
    const name = JSON.stringify(key);
    const known = this.players.get(name) ?? { key, evidence: [], changedAt: at };
    this.players.set(name, { ...known, evidence: [...known.evidence, entry], changedAt: at });
    return this.stateOf(key) as State;
  }

  private stateOf(key: PlayerKey): State | undefined {
    const context = { rules, player: key };
    const known = this.players.get(JSON.stringify(key));
    const log = known?.evidence.reduce((all, entry) => withEntry(all, entry, context).log, NO_EVIDENCE);
    return log && fold(log, context);
  }

  readonly read: PlayerStore["read"] = async ({ operatorId, playerId }) => this.stateOf({ operatorId, playerId });

  private readonly applied = (state: State): Applied => ({ state, outcomes: ["taken"], changes: [] });

  readonly apply: PlayerStore["apply"] = async (key, [entry]) => this.applied(this.add(key, entry as Evidence));

  readonly declare: PlayerStore["declare"] = async ({ operatorId, playerId }, declared) => {
    this.writes.push({ operatorId, playerId, declared });
    const id = String(this.writes.length).padStart(32, "d");
    return this.applied(this.add({ operatorId, playerId }, { kind: "declaration", id, at: this.now, ...declared }));
  };

  readonly contest: PlayerStore["contest"] = async ({ operatorId, playerId }, text) => {
    const key = { operatorId, playerId };
    if (!this.stateOf(key)?.level) throw new PlayerRefused("nothing-to-contest");
    this.writes.push({ ...key, text });
    return this.applied(this.add(key, { kind: "contest", id: "c".repeat(32), at: this.now }));
  };

  readonly decideReview: PlayerStore["decideReview"] = async (operatorId, id, decision) => {
    const review = await this.review(operatorId, id);
    if (!review) throw new PlayerRefused("unknown-review");
    this.writes.push({ operatorId, id, ...decision });
    return { status: "decided", review: { ...review, status: "decided" } };
  };

  readonly review: PlayerStore["review"] = async (operatorId, id) => {
    const found = this.reviews.get(id);
    if (found?.operatorId !== operatorId) return undefined;
    const { operatorId: _, ...review } = found;
    return review;
  };

  readonly openReviews: PlayerStore["openReviews"] = async (operatorId, { limit }) => {
    const own = [...this.reviews.values()].filter((each) => each.operatorId === operatorId);
    return { items: own.slice(0, limit).map(({ operatorId: _, ...review }) => review) };
  };

  readonly history: PlayerStore["history"] = async ({ operatorId, playerId }) => {
    const state = this.stateOf({ operatorId, playerId });
    const detail = { version: 1, id: "e".repeat(32), at: this.now, operatorId, playerId, cause: "risk", recalls: [] };
    return { items: state ? [{ name: "MarketingSuppressed", detail } as Change] : [] };
  };

  readonly changes: PlayerStore["changes"] = async (operatorId, { since, group, limit, after }) => {
    const all = [...this.players.values()]
      .filter(({ key, changedAt }) => key.operatorId === operatorId && changedAt >= since && changedAt > (after ?? ""))
      .map(({ key, changedAt }) => ({ playerId: key.playerId, changedAt, state: this.stateOf(key) as State }))
      .filter(({ state: { risk } }) => group === undefined || risk === group)
      .sort((one, other) => (one.changedAt < other.changedAt ? -1 : 1));
    const items = all.slice(0, limit);
    const last = items.at(-1);
    return { items, ...(last && items.length < all.length && { next: last.changedAt }) };
  };
}
