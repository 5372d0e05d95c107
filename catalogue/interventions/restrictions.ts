import { isDeepStrictEqual } from "node:util";

interface Amount {
  /** Major units. */
  amount: number;
  /** ISO 4217 */
  currency: string;
}

/** An amount within any so many days in a row. */
export interface Limit extends Amount {
  days: number;
}

/** What may be enforced of a player, by dimension. */
interface Values {
  depositLimit: Limit;
  stakeLimit: Amount;
  lossLimit: Limit;
  sessionMinutes: number;
  /** Hours within which nobody may play, from a rise of the level or the player's declaration on. */
  coolOffHours: number;
  bonusStop: true;
  marketingStop: true;
  /** Names the text that the player must be shown. */
  message: { key: string; languages: string[] };
  /** A person of the operator's contacts the player. */
  contact: true;
  selfExclusion: true;
}

export type DimensionName = keyof Values;

/** Describes what must be enforced of a player: each restriction by its dimension, none where it does not apply. */
export type Restrictions = { [D in DimensionName]?: Values[D] | undefined };

type Dimensions = { readonly [D in DimensionName]: Dimension<Values[D]> };

interface Dimension<T> {
  /**
   * The loosest value that is at least as strict as both. So one value is at least as strict as another where it is the
   * stricter of the two, which makes the order of the dimension.
   */
  readonly stricter: (one: T, other: T) => T;
  /** Whether it takes something from the player; what does not is information or help. */
  readonly restricts: boolean;
}

const least = Math.min;
const most = Math.max;

/** Throws where the currencies differ: nobody can tell which amount is the stricter one. */
function sameCurrency(one: Amount, other: Amount): string {
  if (one.currency === other.currency) return one.currency;
  throw new RangeError(`limits in ${one.currency} and ${other.currency} cannot be compared; convert one of them first`);
}

const amount: Dimension<Amount> = {
  restricts: true,
  stricter: (one, other) => ({ amount: least(one.amount, other.amount), currency: sameCurrency(one, other) }),
};

/** Less within more days is stricter: who keeps to an amount in 30 days in a row keeps to it in any 7 of them. */
const limit: Dimension<Limit> = {
  restricts: true,
  stricter: (one, other) => ({ ...amount.stricter(one, other), days: most(one.days, other.days) }),
};

const flag = (restricts: boolean): Dimension<true> => ({ restricts, stricter: () => true });

/** Every dimension of restrictions: its order, and whether it restricts. */
const DIMENSIONS: Dimensions = {
  depositLimit: limit,
  stakeLimit: amount,
  lossLimit: limit,
  sessionMinutes: { restricts: true, stricter: least },
  coolOffHours: { restricts: true, stricter: most },
  bonusStop: flag(true),
  marketingStop: flag(true),
  // Which text says more nobody can tell, so any is as strict as another.
  message: { restricts: false, stricter: (one) => one },
  contact: flag(false),
  selfExclusion: flag(true),
};

export const DIMENSION_NAMES = Object.keys(DIMENSIONS) as readonly DimensionName[];

/** What holds of players who excluded themselves. It takes the place of everything else, which it is stricter than. */
export const SELF_EXCLUDED: Restrictions = { selfExclusion: true, bonusStop: true, marketingStop: true };

function stricterIn<D extends DimensionName>(name: D, one: Restrictions, other: Restrictions): Restrictions {
  const { stricter }: Dimensions[D] = DIMENSIONS[name];
  const a: Values[D] | undefined = one[name];
  const b: Values[D] | undefined = other[name];
  const value = a === undefined || b === undefined ? (a ?? b) : stricter(a, b);
  return value === undefined ? {} : { [name]: value };
}

/** Limits of money, which compare only in one currency. */
const MONEY = ["depositLimit", "stakeLimit", "lossLimit"] as const;

export type MoneyLimits = Pick<Restrictions, (typeof MONEY)[number]>;

/** Gives the other's limits that are in another currency than one's, so that both must be kept. */
export const besides = (one: Restrictions, other: Restrictions): MoneyLimits =>
  Object.assign(
    {},
    ...MONEY.map((name) => {
      const [a, b] = [one[name], other[name]];
      return a && b && a.currency !== b.currency ? { [name]: b } : {};
    }),
  );

/**
 * Combines restrictions so that none is looser than in either, but for limits in another currency than one's: nobody can
 * tell which is stricter, so one's is there, and `besides` gives the other's.
 */
export function combine(one: Restrictions, other: Restrictions): Restrictions {
  if (one.selfExclusion || other.selfExclusion) return SELF_EXCLUDED;
  const apart: Restrictions = besides(one, other);
  return Object.assign({}, ...DIMENSION_NAMES.map((name) => stricterIn(name, one, apart[name] ? one : other)));
}

/** Names the dimensions in which restrictions are lighter than others; none where they are at least as strict. */
export const lighterIn = (one: Restrictions, other: Restrictions): readonly DimensionName[] =>
  one.selfExclusion
    ? []
    : DIMENSION_NAMES.filter((name) => !isDeepStrictEqual(stricterIn(name, one, other), stricterIn(name, one, one)));

/** Says whether anything is taken from the player, beyond information and help. */
export const restricts = (restrictions: Restrictions): boolean =>
  DIMENSION_NAMES.some((name) => DIMENSIONS[name].restricts && restrictions[name] !== undefined);

/** Says whether there is a message and nothing else: the only intervention that players may be held out of. */
export const isSoft = (restrictions: Restrictions): boolean =>
  restrictions.message !== undefined && DIMENSION_NAMES.every((name) => name === "message" || !restrictions[name]);
