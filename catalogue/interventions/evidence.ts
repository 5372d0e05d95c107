import type { Risk, RiskGroup } from "../risk/risk";
import type { Restrictions } from "./restrictions";

export interface PlayerKey {
  readonly operatorId: string;
  readonly playerId: string;
}

interface Entry {
  /** 32 hexadecimal digits. An entry that comes twice has the same. */
  readonly id: string;
  /** The instant that it is evidence of, which is also its place in the order; RFC 3339 in UTC, with milliseconds. */
  readonly at: string;
}

export interface AssessedPrediction {
  readonly id: string;
  readonly model: string;
  readonly modelVersion: string;
  /** Absent when suppressed, and when the record lacks what the model needs. */
  readonly score?: number;
  /** Absent for models that tell no risk. */
  readonly risk?: Risk;
}

/** All that models said of one record. */
export interface Assessment extends Entry {
  readonly kind: "assessment";
  /** The most severe known risk of its predictions. */
  readonly risk: Risk;
  /** How much its dataset tells of a player's risk. It lowers nothing that one which tells more had raised. */
  readonly knows: number;
  /** Markers of harm, of the predictions with that risk. */
  readonly reasons: readonly string[];
  readonly predictions: readonly AssessedPrediction[];
  /**
   * The newest version of the models that made them, empty for initial models: of assessments of one instant, that of
   * newer models comes last.
   */
  readonly version: string;
  /** Share of the operator's players with a lower score in the same scoring, in percent. */
  readonly percentile?: number;
  /** Set where a later one had come before it. */
  readonly late?: true;
}

export const VERDICTS = ["confirm", "change", "lift"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What a person decided in a review. */
export interface Decision extends Entry {
  readonly kind: "decision";
  readonly review: string;
  readonly verdict: Verdict;
  /** The level from then on: for `change` the person's, 0 for `lift`; nothing changes for `confirm`. */
  readonly level: number;
  /** The risk that the person saw. The decision stands against assessments that tell no more. */
  readonly seen: Risk;
  /** The most severe group that assessments held then, `unknown` for none: the decision is about them, too. */
  readonly held: Risk;
  /** Code of why, for the event. */
  readonly reason: string;
}

/** Limits that players may set themselves, in the policy's currency. */
export type OwnLimits = Pick<
  Restrictions,
  "depositLimit" | "stakeLimit" | "lossLimit" | "sessionMinutes" | "coolOffHours"
>;

/** What the player said, as the wallet has it. */
export interface Declaration extends Entry {
  readonly kind: "declaration";
  /** Take the place of all limits that were declared before: at once where they are stricter, else once confirmed. */
  readonly limits?: OwnLimits;
  /** Only ever prolongs; `null` is for ever. */
  readonly selfExclusion?: { readonly until: string | null };
  readonly marketingConsent?: boolean;
}

/** The player does not agree with what is enforced. */
export interface Contest extends Entry {
  readonly kind: "contest";
}

export type Evidence = Assessment | Decision | Declaration | Contest;

/** Groups that a player can be raised to. */
export type RaisedGroup = Exclude<RiskGroup, "low">;
