import type { Risk } from "../risk/risk";
import type { Evidence, RaisedGroup } from "./evidence";
import type { Own } from "./own";
import { type MoneyLimits, type Restrictions, SELF_EXCLUDED } from "./restrictions";
import { heldGroups } from "./rungs";
import {
  type Context,
  groundOf,
  type MarketingStop,
  type ModelRisk,
  type OpenReview,
  restrictionsOf,
  type SelfExclusion,
  type Standing,
  startingAt,
  step,
  withoutEnded,
  withoutPredictions,
} from "./standing";

/** Entries of evidence that are kept one by one. */
export const KEPT = 100;

/**
 * A player's evidence: the last entries in the order of their time, and what all before them came to. State is made of
 * the set of entries, in whatever order they came, as long as none comes after `KEPT` that are later than it. Such a
 * one is stale: it changes nothing.
 */
export interface EvidenceLog {
  /** What the entries before came to, and the place of the last of them. */
  readonly base?: { readonly standing: Standing; readonly last: Place };
  /** In their order, none twice. */
  readonly entries: readonly Evidence[];
}

export const NO_EVIDENCE: EvidenceLog = { entries: [] };

/** What became of an entry: it is new, new but after later ones, known already, or too old to change anything. */
export type Outcome = "taken" | "late" | "duplicate" | "stale";

/** What the order of evidence goes by, part by part: its instant, the version of the models, its id. */
type Place = readonly [at: string, version: string, id: string];

const placeOf = (entry: Evidence): Place => [entry.at, entry.kind === "assessment" ? entry.version : "", entry.id];

function isBefore(one: Place, other: Place): boolean {
  const part = one.findIndex((text, index) => text !== other[index]);
  return part >= 0 && (one[part] as string) < (other[part] as string);
}

/** Adds one entry; the log is the same object where that changes nothing. */
export function withEntry(
  log: EvidenceLog,
  entry: Evidence,
  context: Context,
): { readonly log: EvidenceLog; readonly outcome: Outcome } {
  const { base, entries } = log;
  if (entries.some(({ id }) => id === entry.id)) return { log, outcome: "duplicate" };
  const own = placeOf(entry);
  if (base && !isBefore(base.last, own)) return { log, outcome: base.last[2] === entry.id ? "duplicate" : "stale" };
  const place = entries.findLastIndex((each) => isBefore(placeOf(each), own)) + 1;
  const late = place < entries.length;
  const taken = late && entry.kind === "assessment" ? { ...entry, late } : entry;
  const all = entries.toSpliced(place, 0, taken);
  const outcome = late ? "late" : "taken";
  const [first, ...others] = all;
  if (first === undefined || all.length <= KEPT) return { log: { ...log, entries: all }, outcome };
  const standing = withoutPredictions(step(base?.standing ?? startingAt(first.at), first, context));
  return { log: { base: { standing, last: placeOf(first) }, entries: others }, outcome };
}

/** What an intervention comes to. */
interface Intervention {
  /** 0 for no intervention. */
  readonly level: number;
  readonly since: string;
  /** Before it, the level does not fall by assessments. */
  readonly until?: string;
  readonly restrictions: Restrictions;
  /** Limits of the player's in another currency than those of `restrictions`; both must be kept. */
  readonly ownLimits?: MoneyLimits;
  /** The end of the longest cool-off, which may be over. */
  readonly coolOffUntil?: string;
  /** Markers of harm that led to the level, or the person's reason. */
  readonly reasons: readonly string[];
  /** Ids of the assessments that led to it. */
  readonly assessments: readonly string[];
}

/** What must be enforced of a player, as everybody is told. */
export interface Enforced extends Intervention {
  /** The end of a self-exclusion; absent without one, and where it never ends. */
  readonly exclusionUntil?: string;
}

/** What holds of a player, but for a self-exclusion, which takes the place of it while it lasts. */
export interface State extends Intervention {
  /** The most severe group that assessments hold, whatever a person decided. */
  readonly held?: RaisedGroup;
  /** The last known. */
  readonly risk: Risk;
  readonly riskAt?: string;
  readonly percentile?: number;
  readonly models: Readonly<Record<string, ModelRisk>>;
  readonly own: Own;
  readonly exclusion?: SelfExclusion;
  readonly marketingConsent?: boolean;
  readonly marketingStop?: MarketingStop;
  /** Why predictions were recalled last, whether or not marketing is allowed again. */
  readonly lastMarketingStop?: MarketingStop;
  /** Predictions for marketing that the operator may use no more, of the entries that are kept. */
  readonly recalled: readonly string[];
  readonly review?: OpenReview;
  /** Set where the level is a message and nothing else, which the player is not shown for comparison. */
  readonly heldOut?: true;
  readonly policy: { readonly name: string; readonly version: number };
}

/** Folds a player's evidence to what holds; `undefined` without any. */
export function fold({ base, entries }: EvidenceLog, context: Context): State | undefined {
  const start = base?.standing ?? (entries[0] && startingAt(entries[0].at));
  const at = entries.at(-1)?.at ?? base?.last[0];
  if (start === undefined || at === undefined) return undefined;
  return stateOf(
    entries.reduce((standing, entry) => step(standing, entry, context), start),
    at,
    context,
  );
}

function stateOf(standing: Standing, at: string, context: Context): State {
  const { level, since, risk, riskAt, percentile, models, own, exclusion, consent, review, marketing } = standing;
  const { policy } = context.rules;
  const held = heldGroups(standing.rungs, policy, at).at(-1);
  return {
    level,
    since,
    ...groundOf(standing, policy),
    ...restrictionsOf(standing, context),
    ...(held && { held }),
    risk,
    ...(riskAt !== undefined && { riskAt }),
    ...(percentile !== undefined && { percentile }),
    models,
    own,
    ...(exclusion && { exclusion }),
    ...(consent !== undefined && { marketingConsent: consent }),
    ...(marketing.stop && { marketingStop: marketing.stop }),
    ...(marketing.lastStop && { lastMarketingStop: marketing.lastStop }),
    recalled: marketing.recalled,
    ...(review && { review }),
    policy: { name: policy.name, version: policy.version },
  };
}

/** What must be enforced as of the last evidence. */
export function enforced(state: State): Enforced {
  const { exclusion, level, since, until, restrictions, ownLimits, coolOffUntil, reasons, assessments } = state;
  const nothing = { level: 0, reasons: [], assessments: [] };
  if (exclusion) {
    const ends = exclusion.until !== null && { exclusionUntil: exclusion.until };
    return { ...nothing, since: exclusion.since, restrictions: SELF_EXCLUDED, ...ends };
  }
  return {
    since,
    restrictions,
    ...(ownLimits && { ownLimits }),
    ...(coolOffUntil !== undefined && { coolOffUntil }),
    // Who is held out looks like everybody without an intervention, so that nobody treats them otherwise.
    ...(state.heldOut ? nothing : { level, reasons, assessments, ...(until !== undefined && { until }) }),
  };
}

/** What must be enforced at an instant: a self-exclusion ends by itself, and then what was beneath it holds again. */
export const enforcedAt = (state: State, at: string): Enforced => enforced(withoutEnded(state, at));
