import { cents, type Random, sigmoid } from "../kit/synthetic";
import { dateOfDay, SECONDS_PER_DAY } from "../kit/time";
import type { Day } from "./record";
import { PRODUCTS, type Product } from "./vocabulary";

type Group<G extends keyof Day> = NonNullable<Day[G]>;

/** Weights of the products as favourites, and the bets that spend a day's stake on each. */
const FAVOURITES: Readonly<Record<Product, number>> = { slots: 5, casino: 2, sports: 4, poker: 1, lottery: 1 };
const BETS_PER_DAY: Readonly<Record<Product, number>> = { slots: 90, casino: 40, sports: 4, poker: 20, lottery: 2 };

/** Traits in which synthetic players differ. */
export interface Traits {
  readonly habit: number;
  readonly stake: number;
  /** Growth of the stake over 90 days, in natural logarithms. */
  readonly growth: number;
  readonly chasing: number;
  readonly night: number;
  readonly declining: number;
  readonly reversing: number;
  readonly redepositing: number;
  readonly depleting: number;
  readonly methods: number;
  readonly raisesPerDay: number;
  readonly contactsPerDay: number;
  readonly favourite: Product;
  readonly second: Product;
}

/**
 * Draws traits that lean on one hidden severity, because signs of harm come together; the label depends on the signs
 * only.
 */
export function drawTraits(random: Random): Traits {
  const severity = random.normal();
  const share = (middle: number, lean: number, deviation: number) =>
    sigmoid(random.normal(middle + lean * severity, deviation));
  return {
    habit: share(-1.35, 0.25, 1.1),
    stake: random.logNormal(28, 0.9) * Math.exp(0.2 * severity),
    growth: random.normal(0.25 * severity, 0.8),
    chasing: Math.max(0, random.normal(0.2 + 0.35 * severity, 0.4)),
    night: share(-2.2, 0.6, 1.2),
    declining: share(-2.8, 0.7, 1.2),
    reversing: share(-1.5, 0.6, 1.2),
    redepositing: random.logNormal(0.3, 0.6) * Math.exp(0.4 * severity),
    depleting: share(-0.8, 0.6, 1),
    methods: 1 + Math.min(4, random.poisson(0.4 * Math.exp(0.4 * severity))),
    raisesPerDay: random.logNormal(0.003, 0.8) * Math.exp(0.5 * severity),
    contactsPerDay: random.logNormal(0.004, 0.8) * Math.exp(0.4 * severity),
    favourite: random.pick(FAVOURITES),
    second: random.pick(FAVOURITES),
  };
}

interface Wallet {
  balance: number;
}

/** Dates by day: each player lives through the same few hundred, and to write one takes as long as to draw the day. */
const dates = new Map<number, string>();

function written(day: number): string {
  const date = dates.get(day) ?? dateOfDay(day);
  dates.set(day, date);
  return date;
}

/** Simulates the rows of a player's days; leaves out those on which nothing happened. */
export function simulateDays(random: Random, traits: Traits, firstDay: number, lastDay: number): Day[] {
  const rows: Day[] = [];
  const wallet: Wallet = { balance: 0 };
  let yesterday: "idle" | "won" | "lost" = "idle";
  for (let day = firstDay; day <= lastDay; day += 1) {
    // 1970-01-01 was a Thursday, so Friday to Sunday are these remainders.
    const weekend = [1, 2, 3].includes(day % 7) ? 1.25 : 0.85;
    const pull = yesterday === "idle" ? 0.8 : 1.4 + (yesterday === "lost" ? traits.chasing : 0);
    const active = random.chance(Math.min(0.97, traits.habit * weekend * pull));
    const row: Day = { date: written(day) };
    if (active) {
      const growth = Math.exp(traits.growth * (1 - (lastDay - day) / 45));
      const chase = yesterday === "lost" ? 1 + traits.chasing * random.uniform() : 1;
      const bets = drawBets(random, traits, random.logNormal(traits.stake * growth * chase, 0.5));
      Object.assign(row, drawMoney(random, traits, bets, wallet));
      row.sessions = drawSessions(random, traits);
      row.products = divide(random, traits, bets.stake);
      yesterday = bets.payout < bets.stake ? "lost" : "won";
    } else {
      yesterday = "idle";
    }
    const raised = random.poisson(traits.raisesPerDay);
    const lowered = random.poisson(0.002);
    if (raised + lowered > 0) row.limits = { raised, lowered };
    const received = random.poisson(traits.contactsPerDay);
    const sent = random.poisson(0.003);
    if (received + sent > 0) row.contacts = { received, sent };
    if (Object.keys(row).length > 1) rows.push(row);
  }
  return rows;
}

function drawBets(random: Random, { favourite }: Traits, wanted: number): Group<"bets"> {
  const stake = Math.max(1, cents(wanted));
  const bets = Math.max(1, Math.round(random.logNormal(BETS_PER_DAY[favourite], 0.6)));
  // Nobody stakes less than ten cents.
  const count = Math.min(bets, Math.floor(stake * 10));
  const mean = stake / count;
  const largest = count === 1 ? stake : cents(Math.min(stake, mean * (1.05 + random.exponential(1.5))));
  const variance = cents(random.between(0.1, 0.6) * mean * Math.max(0, largest - mean));
  const nothing = random.chance(count < 8 ? 0.35 : 0.03);
  const payout = nothing ? 0 : cents(stake * random.logNormal(count < 8 ? 1.1 : 0.85, 0.5));
  return { count, stake, payout, largest, variance };
}

/** Simulates bets, and the money that goes in and out because of them. */
function drawMoney(random: Random, traits: Traits, bets: Group<"bets">, wallet: Wallet): Partial<Day> {
  const row: Partial<Day> = { bets };
  const loss = bets.stake - bets.payout;
  const depletes = random.chance(traits.depleting);
  const spare = depletes ? 0 : bets.stake * random.between(0.5, 2);
  const need = loss + spare - wallet.balance;
  const declined = random.poisson(need > 0 ? traits.declining : traits.declining / 10);
  let deposits: Group<"deposits"> = { count: 0, amount: 0, declined, methods: Math.min(declined, 1) };
  if (need > 0) {
    const count = 1 + random.poisson(traits.redepositing);
    const amount = Math.max(5 * count, Math.ceil(need / 5) * 5);
    const methods = random.chance(0.6) ? 1 : traits.methods;
    deposits = { count, amount, declined, methods: Math.min(methods, count + declined) };
  }
  if (deposits.count + declined > 0) row.deposits = deposits;

  wallet.balance = Math.max(0, wallet.balance + deposits.amount - loss);
  if (wallet.balance > 2 * traits.stake && random.chance(0.3)) {
    const amount = cents(wallet.balance * random.between(0.3, 0.9));
    const reversed = Number(random.chance(traits.reversing));
    row.withdrawals = { count: 1, amount, reversed };
    if (reversed === 0) wallet.balance = Math.max(0, wallet.balance - amount);
  }
  const closing = cents(wallet.balance);
  const lowest = depletes ? 0 : cents(closing * random.uniform());
  return { ...row, balance: { lowest, closing } };
}

function drawSessions(random: Random, { night }: Traits): Group<"sessions"> {
  const count = 1 + random.poisson(0.6);
  const seconds = Math.min(SECONDS_PER_DAY, Math.round(random.logNormal(1500, 0.8) * count));
  const share = random.chance(Math.min(0.95, 1.5 * night)) ? Math.min(1, night + random.uniform() * 0.5) : 0;
  return { count, seconds, nightSeconds: Math.round(seconds * share) };
}

function divide(random: Random, { favourite, second }: Traits, stake: number): Group<"products"> {
  const other = second === favourite || random.chance(0.6) ? 0 : cents(stake * random.between(0.05, 0.5));
  const stakes = { [favourite]: cents(stake - other), ...(other > 0 ? { [second]: other } : {}) };
  return Object.fromEntries(PRODUCTS.filter((product) => product in stakes).map((p) => [p, stakes[p]]));
}
