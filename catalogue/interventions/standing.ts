import { createHash } from "node:crypto";
import { atOrAbove, type Risk, type RiskGroup } from "../risk/risk";
import type { Assessment, Contest, Decision, Declaration, Evidence, PlayerKey, RaisedGroup } from "./evidence";
import { isHeldOut } from "./hold-out";
import { daysAfter, endOf, latest } from "./instants";
import { afterDeclaring, type Own } from "./own";
import { needsReview, type Policy, type Rules } from "./policy";
import { besides, combine, isSoft } from "./restrictions";
import { heldGroups, isKnown, isMore, RAISED, type Rungs, rungUntil, withRungs } from "./rungs";

/** A person's decision that stands. */
interface Hold {
  readonly level: number;
  readonly until: string;
  readonly seen: Risk;
  readonly reason: string;
  /** Set once more risk came than the person saw: then it lowers nothing any more. */
  readonly outdone?: true;
}

export interface SelfExclusion {
  readonly since: string;
  /** `null` is for ever. */
  readonly until: string | null;
}

/** A model's last word of a player. */
export interface ModelRisk {
  readonly at: string;
  readonly predictionId: string;
  readonly modelVersion: string;
  readonly score?: number;
  readonly risk?: Risk;
}

export interface OpenReview {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly openedAt: string;
  readonly contested: boolean;
}

/** Why an operator may not market to a player. */
export type MarketingStop = "risk" | "consent" | "intervention" | "self-exclusion";

/**
 * What a player's evidence comes to, entry by entry. It names risk groups where it can in place of levels, so that
 * another version of the policy can go on from it.
 */
export interface Standing {
  readonly level: number;
  /** When the level began. */
  readonly since: string;
  readonly rungs: Rungs;
  readonly hold?: Hold;
  /** Takes the place of everything else while it lasts; beneath it the rest goes on. */
  readonly exclusion?: SelfExclusion;
  readonly own: Own;
  /** The end of the cool-off that began with a rise of the level. */
  readonly coolOffUntil?: string;
  readonly consent?: boolean;
  /** The last known. */
  readonly risk: Risk;
  readonly riskAt?: string;
  /** The most that assessments knew that told it. */
  readonly riskKnows: number;
  readonly percentile?: number;
  readonly models: Readonly<Record<string, ModelRisk>>;
  readonly review?: OpenReview;
  readonly marketing: {
    readonly stop?: MarketingStop;
    /** The last one that there was. */
    readonly lastStop?: MarketingStop;
    /** Predictions that the operator may use. */
    readonly given: readonly string[];
    readonly recalled: readonly string[];
  };
}

/** What a player has before any evidence. */
export const startingAt = (at: string): Standing => ({
  level: 0,
  since: at,
  rungs: {},
  own: { limits: {} },
  risk: "unknown",
  riskKnows: 0,
  models: {},
  marketing: { given: [], recalled: [] },
});

/** Forgets predictions: they belong to the entries that are kept, and are forgotten with them. */
export const withoutPredictions = (standing: Standing): Standing => ({
  ...standing,
  marketing: { ...standing.marketing, given: [], recalled: [] },
});

/** Everything that a step depends on, beside standing and entry. */
export interface Context {
  readonly rules: Rules;
  readonly player: PlayerKey;
}

/**
 * Days for which an assessment's risk stands against lower ones that know less, as many as the horizon of the models that
 * tell it.
 */
const RISK_STANDS_DAYS = 90;

/** Says why a player is at a level, and until when assessments do not lower it. */
export interface Ground {
  readonly reasons: readonly string[];
  readonly assessments: readonly string[];
  readonly until?: string;
}

export function groundOf({ level, rungs, hold }: Standing, policy: Policy): Ground {
  const byPerson = hold && { reasons: [hold.reason], assessments: [], until: hold.until };
  if (byPerson && !hold.outdone) return byPerson;
  // The least group of the level has the last of its assessments.
  const group = RAISED.find((each) => policy.groups[each] >= level && rungs[each]);
  const rung = group && rungs[group];
  if (level === 0 || !group || !rung) return byPerson ?? { reasons: [], assessments: [] };
  return { reasons: rung.reasons, assessments: [rung.id], until: rungUntil(policy, group, rung) };
}

/** The level at an instant: what assessments hold, unless a person's decision stands. */
function levelAt(standing: Standing, policy: Policy, at: string): number {
  const held = Math.max(0, ...heldGroups(standing.rungs, policy, at).map((group) => policy.groups[group]));
  const { hold } = standing;
  if (hold === undefined) return held;
  return hold.outdone ? Math.max(held, hold.level) : hold.level;
}

/** Moves to a level; a rise begins its cool-off, and opens a review of one that a person must look at. */
function toLevel(standing: Standing, level: number, { id, at, kind }: Evidence, policy: Policy): Standing {
  if (level === standing.level) return standing;
  const moved = { ...standing, level, since: at };
  if (level < standing.level) return moved;
  const hours = policy.levels[level]?.restrictions.coolOffHours;
  const coolOffUntil = latest(standing.coolOffUntil, endOf(at, hours));
  const risen = { ...moved, ...(coolOffUntil !== undefined && { coolOffUntil }) };
  return kind !== "decision" && needsReview(policy, level) ? opened(risen, { id, at }, false) : risen;
}

/** Opens a review, or notes in the open one that the player contests. */
function opened(standing: Standing, { id, at }: Pick<Evidence, "id" | "at">, contested: boolean): Standing {
  const { review = { id: reviewOf(id), openedAt: at, contested: false } } = standing;
  return { ...standing, review: { ...review, contested: review.contested || contested } };
}

/** Names the review that an entry opens. */
const reviewOf = (entry: string): string => createHash("sha256").update(`review ${entry}`).digest("hex").slice(0, 32);

function closed({ review: _, ...standing }: Standing): Standing {
  return standing;
}

function assessed(standing: Standing, entry: Assessment, context: Context): Standing {
  const { at, risk } = entry;
  const { policy } = context.rules;
  const models = { ...standing.models };
  for (const { id, model, ...said } of entry.predictions) {
    const { modelVersion, score, risk: group } = said;
    models[model] = {
      ...{ at, predictionId: id, modelVersion },
      ...(score !== undefined && { score }),
      ...(group && { risk: group }),
    };
  }
  const told = { ...standing, models, ...(entry.percentile !== undefined && { percentile: entry.percentile }) };
  if (!isKnown(risk)) return told;
  const known = withHold(withRisk(told, entry, risk), risk, at);
  const { hold } = known;
  // What a decision stands against is settled by it, and so is not there once the decision stands no more.
  const counts = (group: RaisedGroup) => !hold || hold.outdone || policy.groups[group] <= hold.level;
  const raised = { ...known, rungs: withRungs(known.rungs, entry, risk, counts) };
  return toLevel(raised, levelAt(raised, policy, at), entry, policy);
}

/** Takes a risk for the current one, unless it is less and told by who knows less than told the current one lately. */
function withRisk(standing: Standing, { at, knows }: Assessment, risk: RiskGroup): Standing {
  const { risk: last, riskAt, riskKnows } = standing;
  if (!isMore(last, risk)) return { ...standing, risk, riskAt: at, riskKnows: Math.max(knows, riskKnows) };
  const stands = knows < riskKnows && riskAt !== undefined && at < daysAfter(riskAt, RISK_STANDS_DAYS);
  return stands ? standing : { ...standing, risk, riskAt: at, riskKnows: knows };
}

function withHold(standing: Standing, risk: Risk, at: string): Standing {
  const { hold, ...rest } = standing;
  if (hold === undefined) return standing;
  if (at >= hold.until) return rest;
  return isMore(risk, hold.seen) ? { ...standing, hold: { ...hold, outdone: true } } : standing;
}

function decided(standing: Standing, entry: Decision, context: Context): Standing {
  const { verdict, seen, held, reason, at } = entry;
  const { policy } = context.rules;
  const done = closed(standing);
  if (verdict === "confirm") return done;
  const level = Math.min(entry.level, policy.levels.length - 1);
  // Evidence that came late, from before the decision: the person has not seen it.
  const unseen = heldGroups(standing.rungs, policy, at).filter(
    (group) => isMore(group, held) || (isMore(standing.risk, seen) && !isMore(group, standing.risk)),
  );
  // The rest above the level is decided: only what comes after builds it again.
  const kept = RAISED.filter((group) => policy.groups[group] <= level || unseen.includes(group));
  const hold: Hold = {
    ...{ level, until: daysAfter(at, policy.review.standsDays), seen, reason },
    ...(unseen.length > 0 && { outdone: true as const }),
  };
  const rungs = Object.fromEntries(
    kept.flatMap((group) => (standing.rungs[group] ? [[group, standing.rungs[group]]] : [])),
  );
  const stands = { ...done, rungs, hold };
  return toLevel(stands, levelAt(stands, policy, at), entry, policy);
}

function declared(standing: Standing, { limits, selfExclusion, marketingConsent, at }: Declaration): Standing {
  const said = {
    ...standing,
    ...(limits && { own: afterDeclaring(standing.own, limits, at) }),
    ...(marketingConsent !== undefined && { consent: marketingConsent }),
  };
  if (selfExclusion === undefined || (selfExclusion.until !== null && selfExclusion.until <= at)) return said;
  const { since, until } = standing.exclusion ?? { since: at, until: selfExclusion.until };
  return { ...said, exclusion: { since, until: laterOf(until, selfExclusion.until) } };
}

const laterOf = (one: string | null, other: string | null): string | null => {
  if (one === null || other === null) return null;
  return one > other ? one : other;
};

const contested = (standing: Standing, entry: Contest): Standing =>
  standing.level === 0 || standing.exclusion ? standing : opened(standing, entry, true);

const STEPS: {
  readonly [K in Evidence["kind"]]: (
    standing: Standing,
    entry: Extract<Evidence, { kind: K }>,
    context: Context,
  ) => Standing;
} = { assessment: assessed, decision: decided, declaration: declared, contest: contested };

/** Takes one entry of evidence, which comes after all that the standing was made of. */
export function step<E extends Evidence>(standing: Standing, entry: E, context: Context): Standing {
  const take = STEPS[entry.kind] as (standing: Standing, entry: E, context: Context) => Standing;
  return withMarketing(take(withoutEnded(standing, entry.at), entry, context), entry, context);
}

/** Ends a self-exclusion whose time is over; what was beneath it holds again since then. */
export function withoutEnded<T extends { readonly exclusion?: SelfExclusion; readonly since: string }>(
  standing: T,
  at: string,
): T | Omit<T, "exclusion"> {
  const { exclusion, ...rest } = standing;
  if (exclusion === undefined || exclusion.until === null || at < exclusion.until) return standing;
  return { ...rest, since: exclusion.until };
}

/** What the level does to a player, before the player's own limits; the first one may be held out of it. */
export function interventionOf({ level }: Standing, { rules, player }: Context) {
  const { policy, holdOutShare } = rules;
  const restrictions = policy.levels[Math.min(level, policy.levels.length - 1)]?.restrictions ?? {};
  const heldOut = isSoft(restrictions) && isHeldOut(player, holdOutShare);
  return { restrictions: heldOut ? {} : restrictions, heldOut };
}

/** What must be enforced but for a self-exclusion: never looser than the level asks for, nor than own limits. */
export function restrictionsOf(standing: Standing, context: Context) {
  const { own, coolOffUntil: levels } = standing;
  const { restrictions, heldOut } = interventionOf(standing, context);
  const coolOffUntil = latest(own.coolOffUntil, restrictions.coolOffHours === undefined ? undefined : levels);
  const ownLimits = besides(restrictions, own.limits);
  return {
    restrictions: combine(restrictions, own.limits),
    ...(Object.keys(ownLimits).length > 0 && { ownLimits }),
    ...(coolOffUntil !== undefined && { coolOffUntil }),
    ...(heldOut && { heldOut: true as const }),
  };
}

function stopOf(standing: Standing, context: Context): MarketingStop | undefined {
  const { consent, suppressFrom } = context.rules.marketing;
  if (standing.exclusion) return "self-exclusion";
  if (interventionOf(standing, context).restrictions.marketingStop) return "intervention";
  if (isKnown(standing.risk) && atOrAbove(standing.risk, suppressFrom)) return "risk";
  return (standing.consent ?? consent === "presumed") ? undefined : "consent";
}

/** Recalls what the operator was given of marketing once it may not use it, and notes what it is given. */
function withMarketing(standing: Standing, entry: Evidence, context: Context): Standing {
  const { given, recalled, lastStop } = standing.marketing;
  const stop = stopOf(standing, context);
  const more = entry.kind === "assessment" ? marketingOf(entry) : [];
  const all = [...given, ...more];
  const marketing = stop
    ? { stop, lastStop: stop, given: [], recalled: [...recalled, ...all] }
    : { ...(lastStop && { lastStop }), given: all, recalled };
  return { ...standing, marketing };
}

/** Predictions that tell no risk are for marketing; those without a score were suppressed before. */
const marketingOf = ({ predictions }: Assessment): readonly string[] =>
  predictions.filter(({ risk, score }) => risk === undefined && score !== undefined).map(({ id }) => id);
