import type { Day } from "../../../../catalogue/datasets/gambling-behaviour/record";
import { PRODUCTS, type Product } from "../../../../catalogue/datasets/gambling-behaviour/vocabulary";
import { cents, type Random } from "../../../../catalogue/datasets/kit/synthetic";
import { dateOfDay } from "../../../../catalogue/datasets/kit/time";
import { without } from "./without";

/** Kinds of players that an operator may attract. */
export interface Customers {
  /** Money that a median player has a day. */
  readonly income: number;
  /** How strongly a median player is drawn to play. */
  readonly urge: number;
  /** Weights of the products. */
  readonly products: Readonly<Record<Product, number>>;
}

interface Person {
  readonly income: number;
  readonly urge: number;
  /** Share of the income that is staked on a day of play; few stake many days' income. */
  readonly boldness: number;
  /** How much losses bring the player back. */
  readonly chasing: number;
  readonly night: number;
  readonly cards: number;
  readonly products: readonly Product[];
}

function drawPerson(random: Random, customers: Customers): Person {
  return {
    income: random.logNormal(customers.income, 0.5),
    urge: random.logNormal(customers.urge, 0.8),
    // Pareto with an index of 1.6, so that its variance is infinite; cut where nobody is let in.
    boldness: Math.min(12, 0.12 * (1 - random.uniform()) ** (-1 / 1.6)),
    chasing: random.uniform() ** 3,
    night: random.uniform() ** 4,
    cards: 1 + random.poisson(0.5),
    products: [random.pick(customers.products), random.pick(customers.products)],
  };
}

/** Memory of what happened, in which a day counts half as much after so many days. */
const HALF_LIFE = 18;
const FADES = 0.5 ** (1 / HALF_LIFE);

/** What weighs on a player. Each is a sum over the days, faded; none is a feature. */
class Burden {
  /** Losses in days of income. */
  losses = 0;
  nights = 0;
  /** Deposits on a day that went badly, after the first. */
  throwing = 0;
  /** Days of play after a loss with more at stake. */
  chasing = 0;

  fade(): void {
    this.losses *= FADES;
    this.nights *= FADES;
    this.throwing *= FADES;
    this.chasing *= FADES;
  }

  /** Exclusions a day, at most about one in ten days. */
  get hazard(): number {
    const strain = Math.log1p(Math.max(0, this.losses) / 2);
    const worry = 1.1 * strain + 0.2 * this.nights + 0.28 * this.throwing + 0.3 * this.chasing;
    // Worry wears off where it is great, and is worse in company.
    return 0.00012 * Math.exp(5.4 * (worry / (worry + 3.2)) + 0.25 * Math.min(strain, 2) * Math.min(this.nights, 3));
  }
}

export interface Life {
  readonly rows: Day[];
  readonly hazard: number;
}

/** Lives the days from `first` to `last`. On days without a row nothing happened. */
export function live(random: Random, customers: Customers, first: number, last: number): Life {
  const person = drawPerson(random, customers);
  const burden = new Burden();
  const rows: Day[] = [];
  let balance = 0;
  let lost = 0;
  let before = 0;
  for (let day = first; day <= last; day += 1) {
    burden.fade();
    const drawn = 1 - Math.exp(-0.22 * person.urge * (lost > 0 ? 1 + 2.5 * person.chasing : 1));
    if (!random.chance(drawn)) {
      // Losses are forgotten over a few days without play.
      lost *= 0.5;
      if (lost < 1) lost = 0;
      const row = withoutPlay(random, dateOfDay(day), person);
      if (row) rows.push(row);
      continue;
    }
    const row = play(random, person, day, balance, lost);
    const { bets, deposits, withdrawals, sessions } = row;
    const loss = bets.stake - bets.payout;
    balance = row.balance.closing;
    burden.losses += Math.max(-3, loss / person.income);
    burden.nights += Number((sessions?.nightSeconds ?? 0) > 2400);
    if (loss > 0 && deposits.count > 1) burden.throwing += Math.min(4, deposits.count - 1);
    if (lost > 0 && bets.stake > before) burden.chasing += 1;
    before = bets.stake;
    lost = loss > 0 ? lost + loss : Math.max(0, lost + 2 * loss);
    rows.push(withdrawals.count > 0 ? row : without(row, "withdrawals"));
  }
  return { rows, hazard: burden.hazard };
}

type Played = Day & { readonly [G in "bets" | "deposits" | "withdrawals" | "balance"]: NonNullable<Day[G]> };

function withoutPlay(random: Random, date: string, { urge }: Person): Day | undefined {
  if (random.chance(0.002)) return { date, limits: { raised: 0, lowered: 1 } };
  if (random.chance(0.004 * Math.min(4, urge))) return { date, contacts: { received: 1, sent: 0 } };
  return undefined;
}

function play(random: Random, person: Person, day: number, balance: number, lost: number): Played {
  const heat = 1 + person.chasing * Math.min(3, lost / (person.income * person.boldness + 1));
  const stake = Math.max(0.5, cents(person.income * person.boldness * random.logNormal(1, 0.6) * heat));
  const [favourite = "slots", other = favourite] = person.products;
  const slow = favourite === "sports" || favourite === "lottery";
  const count = Math.min(Math.floor(stake * 10), 1 + random.poisson(slow ? 2 : 25));
  const mean = stake / count;
  const largest = count === 1 ? stake : cents(Math.min(stake, mean * (1.02 + random.exponential(1.2))));
  const variance = count === 1 ? 0 : cents(0.4 * mean * (largest - mean));
  // Most days lose a little; a rare one wins many times the stake.
  const payout = cents(stake * (random.chance(0.06) ? 1 + random.exponential(2) : random.between(0.25, 1.25)));
  const need = Math.max(0, stake - payout - balance);
  const tries = need > 0 ? 1 + random.poisson(0.25 * heat + 0.8 * person.chasing) : 0;
  const declined = need > 0 ? random.poisson(0.03 + 0.15 * Math.min(3, person.boldness * person.chasing)) : 0;
  const amount = tries > 0 ? Math.ceil(need / tries / 5) * 5 * tries : 0;
  let closing = Math.max(0, balance + amount - stake + payout);
  let withdrawals = { count: 0, amount: 0, reversed: 0 };
  if (closing > 3 * stake) {
    const reversed = Number(random.chance(person.chasing));
    const taken = cents(closing * 0.8);
    withdrawals = { count: 1, amount: taken, reversed };
    if (reversed === 0) closing -= taken;
  }
  closing = cents(closing);
  const sessions = 1 + random.poisson(0.5 * Math.min(5, person.urge));
  const seconds = Math.min(80_000, Math.round(random.logNormal(1100, 0.7) * sessions * Math.min(3, heat)));
  const nightSeconds = random.chance(person.night) ? Math.round(seconds * random.between(0.3, 1)) : 0;
  const raised = Number(random.chance(0.01 * heat));
  const share = other === favourite ? 0 : cents(stake * random.between(0, 0.5));
  return {
    date: dateOfDay(day),
    bets: { count, stake, payout, largest, variance },
    deposits: {
      count: tries,
      amount,
      declined,
      methods: Math.min(tries + declined, tries > 1 ? person.cards : 1),
    },
    withdrawals,
    balance: { lowest: random.chance(0.5 * person.chasing + 0.2) ? 0 : cents(closing * random.uniform()), closing },
    sessions: { count: sessions, seconds, nightSeconds },
    ...(raised > 0 && { limits: { raised, lowered: 0 } }),
    products: Object.fromEntries(
      PRODUCTS.flatMap((product) => {
        const staked = product === favourite ? cents(stake - share) : product === other ? share : 0;
        return staked > 0 ? [[product, staked]] : [];
      }),
    ),
  };
}
