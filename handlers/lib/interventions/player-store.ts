import type { Declaration, Evidence, PlayerKey, Verdict } from "../../../catalogue/interventions/evidence";
import type { Outcome, State } from "../../../catalogue/interventions/fold";
import type { RiskGroup } from "../../../catalogue/risk/risk";
import type { EventDetail } from "../../../contracts/events";

/** What happens to a player is told by these events. */
export type ChangeName = "InterventionDecided" | "InterventionChanged" | "MarketingSuppressed";

type Unaudited<T> = T extends { audit: unknown } ? Omit<T, "audit"> : T;

/** An event of a player's history; `audit` is there once the operator's audit log has it. */
export type Change = {
  [N in ChangeName]: {
    readonly name: N;
    readonly detail: Unaudited<EventDetail<N>>;
    readonly audit?: { readonly sequence: number; readonly hash: string };
  };
}[ChangeName];

export interface Applied {
  readonly state: State;
  /** In the order of the entries. */
  readonly outcomes: readonly Outcome[];
  /** Events that tell what changed; publish-decisions puts them on the bus. */
  readonly changes: readonly Change[];
}

export interface ChangedPlayer {
  readonly playerId: string;
  /** RFC 3339; when level, group or restrictions changed last. */
  readonly changedAt: string;
  readonly state: State;
}

/** One page. `next`, where there may be more, is to be given as `after`. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

export interface Proposal {
  readonly verdict: Verdict;
  readonly level: number;
  /** User name of the person. */
  readonly by: string;
  /** Code of why, which goes on record. */
  readonly reason: string;
  /** Whatever else the person wants to say. */
  readonly note?: string;
}

export interface Review {
  readonly id: string;
  readonly playerId: string;
  /** `superseded`: what came late opened another one in its place. */
  readonly status: "open" | "decided" | "superseded";
  readonly level: number;
  readonly openedAt: string;
  /** RFC 3339; an open one is overdue from then on. */
  readonly due: string;
  readonly contested: boolean;
  /** What the player said; texts of several contests have an empty line between them. */
  readonly contest?: string;
  /** The first of two persons has said so; somebody else must say the same. */
  readonly proposal?: Proposal;
  /** Present when decided. */
  readonly decision?: Proposal & { readonly at: string; readonly second?: string };
}

export interface DecideReview {
  readonly verdict: Verdict;
  /** For `change` only. */
  readonly level?: number;
  readonly by: string;
  readonly reason: string;
  readonly note?: string;
}

/** Why something cannot be done. */
export class PlayerRefused extends Error {
  override readonly name = "PlayerRefused";

  constructor(
    readonly reason:
      | "unknown-review"
      | "already-decided"
      /** The same person cannot be the second one. */
      | "needs-another-person"
      /** `change` without a level of the policy, or to the level that is. */
      | "wrong-level"
      /** Limits in another currency than the policy's. */
      | "wrong-currency"
      /** A self-exclusion that would end sooner than the least there is. */
      | "exclusion-too-short"
      | "nothing-to-contest"
      /** The texts of the player's contests are longer than a review keeps. */
      | "contest-too-long"
      /** Lost every race; to be tried again. */
      | "contended",
  ) {
    super(reason);
  }
}

/** Interventions of all players: docs/interventions.md. */
export interface PlayerStore {
  readonly read: (player: PlayerKey) => Promise<State | undefined>;
  /** Adds evidence; repeating it changes nothing. Throws `PlayerRefused` "contended". */
  readonly apply: (player: PlayerKey, entries: readonly Evidence[]) => Promise<Applied>;
  readonly declare: (
    player: PlayerKey,
    declaration: Pick<Declaration, "limits" | "selfExclusion" | "marketingConsent">,
  ) => Promise<Applied>;
  /** Opens a review, or marks the open one. Throws `PlayerRefused` "nothing-to-contest", also for an unknown player. */
  readonly contest: (player: PlayerKey, text?: string) => Promise<Applied>;
  /** `awaits-second`: another person must decide the same. */
  readonly decideReview: (
    operatorId: string,
    review: string,
    decision: DecideReview,
  ) => Promise<{ readonly status: "decided" | "awaits-second"; readonly review: Review }>;
  readonly review: (operatorId: string, id: string) => Promise<Review | undefined>;
  /** Open reviews, those first that are due first. */
  readonly openReviews: (
    operatorId: string,
    page: { readonly limit: number; readonly after?: string },
  ) => Promise<Page<Review>>;
  /** The latest first. */
  readonly history: (
    player: PlayerKey,
    page: { readonly limit: number; readonly after?: string },
  ) => Promise<Page<Change>>;
  /** Players whose level, group or restrictions changed at or after an instant, in that order. */
  readonly changes: (
    operatorId: string,
    page: { readonly since: string; readonly group?: RiskGroup; readonly limit: number; readonly after?: string },
  ) => Promise<Page<ChangedPlayer>>;
}
