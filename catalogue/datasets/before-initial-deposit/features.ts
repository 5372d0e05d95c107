import type { Dataset } from "../kit/dataset";
import { defineFeature, featureTable, flag, ratio } from "../kit/feature-table";
import { secondsBetween } from "../kit/time";
import type { BeforeInitialDepositRecord } from "./record";

type Source = BeforeInitialDepositRecord;
const feature = defineFeature<Source>;

/** Local hours of a registration by night: from midnight to before five. */
const NIGHT_ENDS = 5;

/** Makes a feature of a category: 1 if it is this one, 0 if another. */
const is = <T>(value: T | undefined, expected: T) => flag(value === undefined ? undefined : value === expected);

const table = {
  age: feature("years", "Age", ({ age }) => age ?? null),
  seconds_since_registration: feature("seconds", "Time since registration", ({ registeredAt, asOf }) =>
    registeredAt === undefined ? null : secondsBetween(registeredAt, asOf),
  ),
  registered_hour: feature("hour", "Local hour of registration", ({ registeredHour }) => registeredHour ?? null),
  registered_at_night: feature("flag", "Registered between midnight and five", ({ registeredHour: hour }) =>
    flag(hour === undefined ? undefined : hour < NIGHT_ENDS),
  ),
  channel_affiliate: feature("flag", "Came by an affiliate", ({ channel }) => is(channel, "affiliate")),
  channel_advert: feature("flag", "Came by an advert", ({ channel }) => is(channel, "advert")),
  device_phone: feature("flag", "Uses a phone", ({ device }) => is(device, "phone")),
  prior_exclusion: feature("flag", "Earlier exclusion on a national register", ({ priorExclusion }) =>
    flag(priorExclusion),
  ),
  accounts_elsewhere: feature("count", "Accounts with other operators", (record) => record.accountsElsewhere ?? null),
  kyc_attempts: feature("count", "Attempts at the identity check", ({ kyc }) => kyc?.attempts ?? null),
  kyc_refused: feature("count", "Documents refused at the identity check", ({ kyc }) => kyc?.refused ?? null),
  kyc_seconds: feature("seconds", "Time spent on the identity check", ({ kyc }) => kyc?.seconds ?? null),
  limits_set: feature("count", "Limits set at sign-up", ({ limits }) => limits?.count ?? null),
  monthly_deposit_limit: feature("money", "Deposit limit a month", ({ limits }) => limits?.monthlyDeposit ?? null),
  sessions: feature("count", "Sessions before the first deposit", ({ browsing }) => browsing?.sessions ?? null),
  browsing_seconds: feature(
    "seconds",
    "Session time before the first deposit",
    ({ browsing }) => browsing?.seconds ?? null,
  ),
  seconds_per_session: feature("seconds", "Mean length of a session", ({ browsing }) =>
    ratio(browsing?.seconds, browsing?.sessions),
  ),
  night_share: feature("ratio", "Share of session time at night", ({ browsing }) =>
    ratio(browsing?.nightSeconds, browsing?.seconds),
  ),
  pages: feature("count", "Pages seen", ({ browsing }) => browsing?.pages ?? null),
  bonus_page_share: feature("ratio", "Share of pages about bonuses", ({ browsing }) =>
    ratio(browsing?.bonusPages, browsing?.pages),
  ),
  responsible_gambling_pages: feature(
    "count",
    "Pages about responsible gambling seen",
    ({ browsing }) => browsing?.responsibleGamblingPages ?? null,
  ),
  deposit_pages: feature("count", "Deposit pages seen", ({ browsing }) => browsing?.depositPages ?? null),
  demo_games: feature("count", "Demo games played", ({ browsing }) => browsing?.demoGames ?? null),
  demo_games_per_session: feature("ratio", "Demo games per session", ({ browsing }) =>
    ratio(browsing?.demoGames, browsing?.sessions),
  ),
};

export type BeforeInitialDepositFeature = keyof typeof table;

const { features, evaluate: extract } = featureTable<Source, BeforeInitialDepositFeature>(table);

export { extract, features };

/**
 * Markers of the indicator groups of UKGC SR Code 3.4.3 that show before money moves. The thresholds are a heuristic: they
 * say what a reviewer should look at, and decide nothing.
 */
export const markers: Dataset<Source, BeforeInitialDepositFeature>["markers"] = [
  // Gambling management tools
  {
    name: "prior-exclusion",
    description: "Was excluded on a national register before",
    fires: ({ prior_exclusion }) => prior_exclusion === 1,
  },
  {
    name: "responsible-gambling-interest",
    description: "Looked at three or more pages about responsible gambling",
    fires: ({ responsible_gambling_pages: seen }) => seen !== null && seen >= 3,
  },
  // Account indicators
  {
    name: "several-accounts",
    description: "Has accounts with three or more other operators",
    fires: ({ accounts_elsewhere: accounts }) => accounts !== null && accounts >= 3,
  },
  {
    name: "identity-check-friction",
    description: "Needed four or more attempts at the identity check, or had two or more documents refused",
    fires: ({ kyc_attempts, kyc_refused }) => (kyc_attempts ?? 0) >= 4 || (kyc_refused ?? 0) >= 2,
  },
  // Gambling behaviour
  {
    name: "bonus-seeking",
    description: "Four in ten of at least ten pages seen were about bonuses",
    fires: ({ bonus_page_share: share, pages }) => share !== null && share >= 0.4 && (pages ?? 0) >= 10,
  },
  // Time
  {
    name: "night-registration",
    description: "Registered between midnight and five, and half of the time since was at night",
    fires: ({ registered_at_night, night_share }) => registered_at_night === 1 && (night_share ?? 0) >= 0.5,
  },
  // Customer-specific vulnerability
  {
    name: "young-adult",
    description: "Is under 25",
    fires: ({ age }) => age !== null && age < 25,
  },
];
