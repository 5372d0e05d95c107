import type { SyntheticOptions, SyntheticRecord } from "../kit/dataset";
import {
  createRandom,
  instantOf,
  linear,
  type Random,
  saturating,
  sigmoid,
  syntheticIdentity,
  syntheticOutcome,
  type TrueModel,
  trueProbability,
  UNKNOWN,
  upTo,
  valley,
} from "../kit/synthetic";
import { MILLISECONDS_PER_DAY } from "../kit/time";
import { type BeforeInitialDepositFeature, extract } from "./features";
import type { BeforeInitialDepositRecord } from "./record";

/**
 * Figures of a sample of 100,000 synthetic players, which the tests measure again. They say nothing about the world.
 */
export const truth = { prevalence: 0.08, bayesAuc: 0.75 };

const model: TrueModel<BeforeInitialDepositFeature> = {
  intercept: -4.3,
  effects: [
    { feature: "accounts_elsewhere", weight: 2.3, shape: saturating(2) },
    { feature: "bonus_page_share", weight: 1.2, shape: upTo(0.3) },
    { feature: "prior_exclusion", weight: 1.5, shape: linear },
    { feature: "night_share", weight: 0.9, shape: linear },
    { feature: "age", weight: 0.4, shape: valley(45, 25) },
    { feature: "responsible_gambling_pages", weight: 0.4, shape: upTo(3) },
    { feature: "kyc_refused", weight: 0.3, shape: upTo(2) },
    { feature: "limits_set", weight: -0.3, shape: upTo(1) },
  ],
  interactions: [{ features: ["night_share", "bonus_page_share"], weight: 1.5 }],
};

const CHANNELS = { direct: 3, search: 3, referral: 1, advert: 2, affiliate: 2 };
const DEVICES = { phone: 7, desktop: 2, tablet: 1 };
const GENDERS = { male: 68, female: 31, other: 1 };
const COUNTRIES = { GB: 6, IE: 2, ES: 1, SE: 1 };

/** Leaves fields out, each with a chance of its own. */
function some<T extends object>(random: Random, share: number, fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(() => random.chance(share))) as Partial<T>;
}

function drawBrowsing(random: Random, severity: number) {
  const sessions = 1 + random.poisson(Math.exp(random.normal(0.3, 0.6)));
  const seconds = Math.round(random.logNormal(420, 0.7) * sessions);
  const night = sigmoid(random.normal(-2 + 0.5 * severity, 1.6));
  const pages = 2 + random.poisson(7 * sessions);
  // Most see no page of a kind; the rest see a share of their own.
  const kind = (share: number, deviation: number, most: number) => {
    const mean = sigmoid(random.normal(Math.log(share) + 0.35 * severity, deviation));
    return Math.min(Math.floor(pages * most), random.poisson(pages * mean));
  };
  return {
    sessions,
    seconds,
    nightSeconds: Math.round(seconds * (night < 0.05 ? 0 : night)),
    pages,
    bonusPages: kind(0.12, 1, 0.5),
    responsibleGamblingPages: kind(0.025, 1.2, 0.2),
    depositPages: kind(0.1, 0.8, 0.3),
    demoGames: random.poisson(0.8 * sessions),
  };
}

function draw(random: Random, index: number, now: string): SyntheticRecord<BeforeInitialDepositRecord> {
  const identity = syntheticIdentity("before-initial-deposit", random, index, now);
  const asOf = Date.parse(identity.asOf);
  // Hidden; it makes signs come together, and the label depends on the signs only.
  const severity = random.normal();
  const registered = asOf - random.exponential(0.6) * MILLISECONDS_PER_DAY;
  const attempts = 1 + random.poisson(0.35);
  const limits = random.chance(0.75) ? 0 : 1 + random.poisson(0.4);
  const browsing = drawBrowsing(random, severity);
  const record: BeforeInitialDepositRecord = {
    ...identity,
    ...some(random, 0.93, {
      age: Math.min(95, Math.round(18 + random.exponential(8) + random.exponential(10))),
      channel: random.pick(CHANNELS),
      device: random.pick(DEVICES),
      registeredAt: instantOf(registered),
      registeredHour: (new Date(registered).getUTCHours() + random.integer(0, 2)) % 24,
    }),
    ...some(random, 0.8, {
      priorExclusion: random.chance(0.05 * Math.exp(0.4 * severity)),
      accountsElsewhere: random.poisson(1.1 * Math.exp(random.normal(0.3 * severity, 0.5))),
      gender: random.pick(GENDERS),
      country: random.pick(COUNTRIES),
    }),
    ...some(random, 0.9, {
      kyc: {
        attempts,
        refused: random.poisson(0.25 * attempts),
        seconds: Math.round(random.logNormal(150, 0.7) * attempts),
      },
      limits: { count: limits, ...(limits > 0 ? { monthlyDeposit: 10 * Math.ceil(random.logNormal(20, 0.9)) } : {}) },
    }),
    // The operator's own pages: few do not count them.
    ...some(random, 0.98, { browsing: some(random, 0.99, browsing) }),
  };
  const probability = trueProbability(model, extract(record));
  const firstBetAt = instantOf(asOf + random.exponential(2) * MILLISECONDS_PER_DAY);
  const outcome = syntheticOutcome(random, { probability, unknown: UNKNOWN, asOf: identity.asOf, firstBetAt });
  // Some who stay never bet.
  if (outcome.selfExcludedAt === undefined && random.chance(0.3)) delete outcome.firstBetAt;
  return { record: { ...record, outcome }, probability };
}

/** Generates players of invented operators. */
export function* generate(options: SyntheticOptions): Generator<SyntheticRecord<BeforeInitialDepositRecord>> {
  for (let index = 0; index < options.players; index += 1) {
    yield draw(createRandom(options.seed, index), index, options.now);
  }
}
