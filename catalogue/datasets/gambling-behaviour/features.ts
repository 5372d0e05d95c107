import type { Dataset } from "../kit/dataset";
import {
  change,
  defineFeature,
  type FeatureDefinition,
  type FeatureDefinitions,
  featureTable,
  ratio,
} from "../kit/feature-table";
import type { GamblingBehaviourRecord } from "./record";
import { maskOf, type Summary, summarise, type Totals } from "./summary";
import { type Group, PRODUCTS, type Product } from "./vocabulary";

const feature = defineFeature<Summary>;
type Of<T> = (source: T) => number | null;

/** Makes features that are unknown unless the operator reports every one of `groups`. */
function needs<const N extends string>(groups: readonly Group[], definitions: FeatureDefinitions<Summary, N>) {
  const mask = maskOf(groups);
  const guarded = Object.entries<FeatureDefinition<Summary>>(definitions).map(([name, { of, ...rest }]) => {
    const known: Of<Summary> = (summary) => ((summary.reported & mask) === mask ? of(summary) : null);
    return [name, { ...rest, of: known }] as const;
  });
  return Object.fromEntries(guarded) as FeatureDefinitions<Summary, N>;
}

/** Makes a feature of the last 7 days, one of the last 30 and one of the last 90. */
function windows<const N extends string>(name: N, unit: string, description: string, of: Of<Totals>) {
  return {
    [`${name}_7d`]: feature(unit, `${description}, last 7 days`, ({ last7 }) => of(last7)),
    [`${name}_30d`]: feature(unit, `${description}, last 30 days`, ({ last30 }) => of(last30)),
    [`${name}_90d`]: feature(unit, `${description}, last 90 days`, ({ last90 }) => of(last90)),
  } as FeatureDefinitions<Summary, `${N}_${"7d" | "30d" | "90d"}`>;
}

/** Compares a daily rate in a window with that of the days before it; unknown until those days were observed. */
const trend =
  (of: Of<Totals>, recent: "last7" | "last30", all: "last30" | "last90"): Of<Summary> =>
  (summary) => {
    const [near, far] = [summary[recent], summary[all]];
    const before = Math.max(0, (of(far) ?? 0) - (of(near) ?? 0));
    return far.days === near.days ? null : change((of(near) ?? 0) / near.days, before / (far.days - near.days));
  };

const stake: Of<Totals> = (sum) => sum.stake;
const deposited: Of<Totals> = (sum) => sum.deposited;
const declinedShare: Of<Totals> = (sum) => ratio(sum.declined, sum.deposits + sum.declined);
const nightShare: Of<Totals> = (sum) => ratio(sum.nightSeconds, sum.seconds);
const productTotal = (sum: Totals) => PRODUCTS.reduce((total, product) => total + sum[product], 0);
const productShare =
  (product: Product): Of<Summary> =>
  ({ last90 }) =>
    ratio(last90[product], productTotal(last90));

/** Divides the standard deviation of the stakes of active days by their mean. */
function stakeVariation({ activeDays, stake: total, stakeSquares }: Totals): number | null {
  if (activeDays < 2) return null;
  const mean = total / activeDays;
  return ratio(Math.sqrt(Math.max(0, stakeSquares / activeDays - mean * mean)), mean);
}

/** Computes the pooled standard deviation of single stakes. */
const betDeviation: Of<Totals> = ({ variance, bets }) => {
  const pooled = ratio(variance, bets);
  return pooled === null ? null : Math.sqrt(pooled);
};

const table = {
  age: feature("years", "Age", ({ record }) => record.age ?? null),
  tenure_days: feature("days", "Days since registration", ({ asOfDay, registeredDay }) =>
    registeredDay === null ? null : asOfDay - registeredDay,
  ),
  observed_days: feature("days", "Days of the last 90 that were observed", (summary) => summary.observedDays),
  prior_exclusions: feature("count", "Earlier exclusions", ({ record }) => record.priorExclusions ?? null),

  ...needs(["bets"], {
    ...windows("active_day_share", "ratio", "Share of days with bets", (sum) => sum.activeDays / sum.days),
    days_since_last_bet: feature("days", "Days since the last bet", (summary) => summary.daysSinceLastBet),
    longest_streak_90d: feature("days", "Longest run of days with bets", (summary) => summary.longestStreak),
    ...windows("stake_per_day", "money", "Stake per day", (sum) => sum.stake / sum.days),
    ...windows("loss_per_day", "money", "Stake less payout per day", (sum) => (sum.stake - sum.payout) / sum.days),
    return_90d: feature("ratio", "Payout over stake", ({ last90 }) => ratio(last90.payout, last90.stake)),
    bets_per_active_day_30d: feature("count", "Bets per day with bets", ({ last30 }) =>
      ratio(last30.bets, last30.activeDays),
    ),
    mean_bet_30d: feature("money", "Mean stake of a bet", ({ last30 }) => ratio(last30.stake, last30.bets)),
    largest_bet_90d: feature("money", "Largest stake of a bet", ({ last90 }) => ratio(last90.largestBet, 1)),
    largest_to_mean_bet_90d: feature("ratio", "Largest over mean stake of a bet", ({ last90 }) =>
      ratio(last90.largestBet, ratio(last90.stake, last90.bets)),
    ),
    stake_variation_90d: feature("ratio", "Variation coefficient of daily stakes", ({ last90 }) =>
      stakeVariation(last90),
    ),
    bet_deviation_30d: feature("money", "Standard deviation of single stakes", ({ last30 }) => betDeviation(last30)),
    bet_variation_90d: feature("ratio", "Variation coefficient of single stakes", ({ last90 }) =>
      ratio(betDeviation(last90), ratio(last90.stake, last90.bets)),
    ),
    active_days_trend_30d: feature(
      "change",
      "Days with bets, last 30 days against those before",
      trend((sum) => sum.activeDays, "last30", "last90"),
    ),
    stake_trend_7d: feature("change", "Stake, last 7 days against the 23 before", trend(stake, "last7", "last30")),
    stake_trend_30d: feature("change", "Stake, last 30 days against those before", trend(stake, "last30", "last90")),
    losing_day_share_90d: feature("ratio", "Share of days with bets that lost money", ({ last90 }) =>
      ratio(last90.losingDays, last90.activeDays),
    ),
    chased_loss_share_90d: feature("ratio", "Share of losing days followed by a day of higher stake", ({ last90 }) =>
      ratio(last90.chasedDays, last90.losingDaysBeforeAnother),
    ),
  }),

  ...needs(["deposits"], {
    ...windows("deposited_per_day", "money", "Amount deposited per day", (sum) => sum.deposited / sum.days),
    deposits_per_day_30d: feature("count", "Deposits per day", ({ last30 }) => last30.deposits / last30.days),
    deposit_trend_30d: feature(
      "change",
      "Amount deposited, last 30 days against those before",
      trend(deposited, "last30", "last90"),
    ),
    declined_share_30d: feature("ratio", "Share of deposits declined, last 30 days", (s) => declinedShare(s.last30)),
    declined_share_90d: feature("ratio", "Share of deposits declined, last 90 days", (s) => declinedShare(s.last90)),
    payment_methods_90d: feature("count", "Most payment methods used on one day", ({ last90 }) => last90.methods),
  }),
  ...needs(["deposits", "sessions"], {
    deposits_per_session_30d: feature("ratio", "Deposits per session, last 30 days", ({ last30 }) =>
      ratio(last30.deposits, last30.sessions),
    ),
    deposits_per_session_90d: feature("ratio", "Deposits per session, last 90 days", ({ last90 }) =>
      ratio(last90.deposits, last90.sessions),
    ),
  }),
  ...needs(["deposits", "bets"], {
    redeposit_share_90d: feature("ratio", "Share of losing days with at least two deposits", ({ last90 }) =>
      ratio(last90.redepositDays, last90.losingDays),
    ),
  }),
  ...needs(["withdrawals"], {
    reversed_90d: feature("count", "Withdrawals reversed", ({ last90 }) => last90.reversed),
    reversed_share_90d: feature("ratio", "Share of withdrawals reversed", ({ last90 }) =>
      ratio(last90.reversed, last90.withdrawals),
    ),
  }),
  ...needs(["withdrawals", "deposits"], {
    withdrawn_to_deposited_90d: feature("ratio", "Amount withdrawn over deposited", ({ last90 }) =>
      ratio(last90.withdrawn, last90.deposited),
    ),
  }),

  ...needs(["sessions"], {
    ...windows("seconds_per_day", "seconds", "Session time per day", (sum) => sum.seconds / sum.days),
    seconds_per_session_30d: feature("seconds", "Mean length of a session", ({ last30 }) =>
      ratio(last30.seconds, last30.sessions),
    ),
    longest_day_90d: feature("seconds", "Longest session time of a day", ({ last90 }) => last90.longestDay),
    night_share_30d: feature("ratio", "Share of session time at night, last 30 days", (s) => nightShare(s.last30)),
    night_share_90d: feature("ratio", "Share of session time at night, last 90 days", (s) => nightShare(s.last90)),
    night_days_30d: feature("days", "Days with half an hour or more at night", ({ last30 }) => last30.nightDays),
  }),
  ...needs(["balance", "bets"], {
    depleted_share_90d: feature("ratio", "Share of days with bets that left less than one bet", ({ last90 }) =>
      ratio(last90.depletedDays, last90.balanceDays),
    ),
  }),
  ...needs(["limits"], {
    limits_raised_30d: feature("count", "Limits raised, last 30 days", ({ last30 }) => last30.limitsRaised),
    limits_raised_90d: feature("count", "Limits raised, last 90 days", ({ last90 }) => last90.limitsRaised),
    limits_lowered_90d: feature("count", "Limits lowered", ({ last90 }) => last90.limitsLowered),
  }),
  ...needs(["contacts"], {
    contacts_received_90d: feature("count", "Contacts from the player", ({ last90 }) => last90.contactsReceived),
  }),
  ...needs(["products"], {
    slots_share_90d: feature("ratio", "Share of the stake on slots", productShare("slots")),
    casino_share_90d: feature("ratio", "Share of the stake on casino games", productShare("casino")),
    sports_share_90d: feature("ratio", "Share of the stake on sports", productShare("sports")),
    products_90d: feature("count", "Products with a stake", ({ last90 }) =>
      PRODUCTS.reduce((used, product) => used + Number(last90[product] > 0), 0),
    ),
  }),
};

export type GamblingBehaviourFeature = keyof typeof table;
export type GamblingBehaviourFeatures = Readonly<Record<GamblingBehaviourFeature, number | null>>;

const { features, evaluate } = featureTable<Summary, GamblingBehaviourFeature>(table);

export { features };

export function extract(record: GamblingBehaviourRecord): GamblingBehaviourFeatures {
  return evaluate(summarise(record));
}

const marker = (
  name: string,
  description: string,
  feature: GamblingBehaviourFeature,
  from: number,
  ...also: [GamblingBehaviourFeature, number][]
) => ({
  name,
  description,
  fires: (features: GamblingBehaviourFeatures) =>
    ([[feature, from], ...also] as const).every(([key, least]) => (features[key] ?? Number.NEGATIVE_INFINITY) >= least),
});

/**
 * Markers of the indicator groups of UKGC SR Code 3.4.3, as far as a record shows them. The thresholds are a heuristic:
 * they say what a reviewer should look at, and decide nothing. None depends on the currency.
 */
export const markers: Dataset<GamblingBehaviourRecord, GamblingBehaviourFeature>["markers"] = [
  // Customer spend and patterns of spend
  marker("rising-stakes", "Stakes more than doubled against the weeks before", "stake_trend_30d", 1 / 3, [
    "active_day_share_30d",
    0.2,
  ]),
  marker("rising-deposits", "Deposits more than doubled against the weeks before", "deposit_trend_30d", 1 / 3, [
    "deposits_per_day_30d",
    0.2,
  ]),
  // Time spent gambling
  marker("night-play", "A quarter or more of the time played at night, on several days", "night_share_30d", 0.25, [
    "night_days_30d",
    4,
  ]),
  // Gambling behaviour
  marker("loss-chasing", "Higher stakes on the day after most losing days", "chased_loss_share_90d", 0.5, [
    "active_day_share_90d",
    0.15,
  ]),
  marker("repeated-deposits-while-losing", "Deposits again and again on losing days", "redeposit_share_90d", 0.4, [
    "active_day_share_90d",
    0.1,
  ]),
  // Customer-led contact
  marker("frequent-contact", "Contacts the operator often", "contacts_received_90d", 5),
  // Gambling management tools
  marker("limit-raised", "Raised a limit of their own in the last 30 days", "limits_raised_30d", 1),
  // Account indicators
  marker("declined-deposits", "A fifth or more of the deposits declined", "declined_share_90d", 0.2, [
    "deposits_per_day_30d",
    0.1,
  ]),
  marker("withdrawal-reversals", "Reversed a third or more of the withdrawals", "reversed_share_90d", 1 / 3, [
    "reversed_90d",
    2,
  ]),
  marker("multiple-payment-methods", "Three or more payment methods on one day", "payment_methods_90d", 3),
];
