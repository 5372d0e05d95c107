import type { SyntheticOptions, SyntheticRecord } from "../kit/dataset";
import {
  cents,
  createRandom,
  instantOf,
  linear,
  type Random,
  saturating,
  syntheticIdentity,
  syntheticOutcome,
  type TrueModel,
  trueProbability,
  UNKNOWN,
  upTo,
  valley,
} from "../kit/synthetic";
import { dateOfDay, dayOfInstant, MILLISECONDS_PER_DAY } from "../kit/time";
import { extract, type GamblingBehaviourFeature, type GamblingBehaviourFeatures } from "./features";
import { sumsOfBets } from "./omissions";
import type { GamblingBehaviourRecord } from "./record";
import { drawTraits, simulateDays } from "./simulation";
import { GROUPS, type Group, WINDOW_DAYS } from "./vocabulary";

/**
 * Figures of a sample of 100,000 synthetic players, which the tests measure again. They say nothing about the world.
 */
export const truth = { prevalence: 0.08, bayesAuc: 0.84 };

const model: TrueModel<GamblingBehaviourFeature> = {
  intercept: -6.2,
  effects: [
    { feature: "deposits_per_session_90d", weight: 1.7, shape: saturating(0.5) },
    { feature: "declined_share_90d", weight: 1.6, shape: saturating(0.1) },
    { feature: "night_share_90d", weight: 1.3, shape: saturating(0.15) },
    { feature: "chased_loss_share_90d", weight: 1.2, shape: linear },
    { feature: "stake_trend_30d", weight: 0.9, shape: linear },
    { feature: "active_day_share_30d", weight: 1.2, shape: linear },
    { feature: "payment_methods_90d", weight: 1, shape: upTo(4) },
    { feature: "limits_raised_90d", weight: 1, shape: upTo(2) },
    { feature: "depleted_share_90d", weight: 0.8, shape: linear },
    { feature: "age", weight: 0.6, shape: valley(45, 25) },
  ],
  interactions: [
    { features: ["night_share_90d", "declined_share_90d"], weight: 1.5 },
    { features: ["chased_loss_share_90d", "active_day_share_30d"], weight: 1 },
  ],
};

/** Draws the stake of the day after `asOf`: often nothing, else skewed around the recent stake of a day with bets. */
function drawStake(random: Random, features: GamblingBehaviourFeatures): number {
  const share = features.active_day_share_30d ?? 0;
  const recent = 0.5 * share + 0.5 * (features.active_day_share_7d ?? 0);
  if (share === 0 || !random.chance(Math.min(0.95, recent))) return 0;
  return cents(random.logNormal((features.stake_per_day_30d ?? 0) / share, 0.6));
}

/**
 * Share of the players in their first week who stay unknown; it is larger because only they can have excluded
 * themselves too early.
 */
const UNKNOWN_NEWCOMERS = 0.5;

/** Groups that some operators do not report. */
const OPTIONAL: readonly Group[] = ["withdrawals", "products", "balance", "limits", "contacts"];

/** Share of players whose operator knows only the sums of each day's bets. */
const SUMS_ONLY = 0.1;

function draw(random: Random, index: number, now: string): SyntheticRecord<GamblingBehaviourRecord> {
  const identity = syntheticIdentity("gambling-behaviour", random, index, now);
  const asOf = Date.parse(identity.asOf);
  const asOfDay = dayOfInstant(identity.asOf);
  const tenure = random.chance(0.05) ? random.between(0.1, 6.5) : random.between(7, 30) + random.exponential(500);
  const registered = instantOf(asOf - tenure * MILLISECONDS_PER_DAY);
  const registeredDay = dayOfInstant(registered);
  const observedFrom = Math.max(registeredDay, asOfDay - WINDOW_DAYS + 1);
  const rows = simulateDays(random, drawTraits(random), observedFrom, asOfDay);

  const missing = random.chance(0.1) ? OPTIONAL[random.integer(0, OPTIONAL.length - 1)] : undefined;
  const days = missing === undefined ? rows : rows.map(({ [missing]: _, ...row }) => row);
  const record: GamblingBehaviourRecord = {
    ...identity,
    ...(random.chance(0.92)
      ? { age: Math.min(95, Math.round(18 + random.exponential(9) + random.exponential(12))) }
      : {}),
    ...(random.chance(0.95) ? { registeredAt: registered } : {}),
    ...(random.chance(0.7) ? { priorExclusions: random.poisson(0.06) } : {}),
    observedFrom: dateOfDay(observedFrom),
    observedUntil: dateOfDay(asOfDay),
    reported: GROUPS.filter((group) => group !== missing),
    days: days.filter((row) => Object.keys(row).length > 1),
  };
  const features = extract(record);
  const probability = trueProbability(model, features);
  const firstBetAt = instantOf(Math.min(asOf, Date.parse(registered) + random.exponential(0.3) * MILLISECONDS_PER_DAY));
  const unknown = tenure < 7 ? UNKNOWN_NEWCOMERS : UNKNOWN;
  const outcome = syntheticOutcome(random, { probability, unknown, asOf: identity.asOf, firstBetAt });
  if (random.chance(0.97)) outcome.stake = drawStake(random, features);
  // Last, and the true model looks at no single stakes: so all else of a player stays what it was.
  if (random.chance(SUMS_ONLY)) record.days = record.days.map(sumsOfBets);
  return { record: { ...record, outcome }, probability };
}

/** Generates players of invented operators. */
export function* generate(options: SyntheticOptions): Generator<SyntheticRecord<GamblingBehaviourRecord>> {
  for (let index = 0; index < options.players; index += 1) {
    yield draw(createRandom(options.seed, index), index, options.now);
  }
}
