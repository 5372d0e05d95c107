import { dayOfDate, dayOfInstant } from "../kit/time";
import type { Day, GamblingBehaviourRecord } from "./record";
import { GROUPS, type Group, WINDOW_DAYS } from "./vocabulary";

/** Seconds at night from which a day counts as played by night: half an hour. */
const NIGHT_SECONDS = 1800;

/** Sums over the most recent days of a record. */
class Sums {
  /** Days of the window that the operator observed. */
  days = 0;
  activeDays = 0;
  bets = 0;
  stake = 0;
  stakeSquares = 0;
  payout = 0;
  /** Not a number once a day with bets does not tell its largest: the other days' would be too low a bound. */
  largestBet = 0;
  /** Variance of single stakes, weighted by the number of bets; not a number once a day with bets does not tell it. */
  variance = 0;
  losingDays = 0;
  losingDaysBeforeAnother = 0;
  /** Losing days whose next day had a higher stake. */
  chasedDays = 0;
  deposits = 0;
  deposited = 0;
  declined = 0;
  methods = 0;
  /** Losing days with at least two deposits. */
  redepositDays = 0;
  withdrawals = 0;
  withdrawn = 0;
  reversed = 0;
  sessions = 0;
  seconds = 0;
  nightSeconds = 0;
  longestDay = 0;
  nightDays = 0;
  balanceDays = 0;
  depletedDays = 0;
  limitsRaised = 0;
  limitsLowered = 0;
  contactsReceived = 0;
  slots = 0;
  casino = 0;
  sports = 0;
  poker = 0;
  lottery = 0;
}
export type Totals = Readonly<Sums>;

export interface Summary {
  readonly record: GamblingBehaviourRecord;
  readonly asOfDay: number;
  readonly registeredDay: number | null;
  /** Days before `asOf` of the last one with a bet. */
  readonly daysSinceLastBet: number | null;
  /** Longest run of consecutive days with bets. */
  readonly longestStreak: number;
  readonly last7: Totals;
  readonly last30: Totals;
  readonly last90: Totals;
  /** Days of the last 90 that were observed. */
  readonly observedDays: number;
  /** The groups that tell something, as `maskOf` packs them: those that the operator reports, once a day was observed. */
  readonly reported: number;
}

/** Packs groups into bits, so that sixty features can ask for those that they need without searching a list. */
export function maskOf(groups: readonly Group[]): number {
  let mask = 0;
  for (const group of groups) mask |= 1 << GROUPS.indexOf(group);
  return mask;
}

/**
 * Sums up a record in one pass over its days, the latest first, so that each window is the sum so far. The day of
 * `asOf` counts for nothing, because a warehouse knows all of it, and a request what happened until then.
 */
export function summarise(record: GamblingBehaviourRecord): Summary {
  const asOfDay = dayOfInstant(record.asOf);
  const registeredDay = record.registeredAt === undefined ? null : dayOfInstant(record.registeredAt);
  const first = Math.max(dayOfDate(record.observedFrom), registeredDay ?? Number.NEGATIVE_INFINITY);
  const yesterday = asOfDay - 1;
  const last = Math.min(yesterday, record.observedUntil === undefined ? yesterday : dayOfDate(record.observedUntil));
  const observedOf = (days: number): number => last - Math.max(first, asOfDay - days) + 1;
  const window = (totals: Totals, days: number): Totals => {
    return { ...totals, days: Math.max(1, observedOf(days)) };
  };

  const sum = new Sums();
  let last7: Totals | undefined;
  let last30: Totals | undefined;
  let daysSinceLastBet: number | null = null;
  let streak = 0;
  let longestStreak = 0;
  let laterDay = -1;
  let laterStake = 0;
  for (let index = record.days.length - 1; index >= 0; index -= 1) {
    const row = record.days[index] as Day;
    const day = dayOfDate(row.date);
    const age = asOfDay - day;
    if (age < 1) continue;
    if (age > WINDOW_DAYS) break;
    if (age > 7) last7 ??= window(sum, 7);
    if (age > 30) last30 ??= window(sum, 30);

    const bets = row.bets;
    const active = bets !== undefined && bets.count > 0;
    // Tickets may be settled on a day without bets.
    sum.payout += bets?.payout ?? 0;
    if (active) {
      daysSinceLastBet ??= age;
      streak = laterDay === day + 1 ? streak + 1 : 1;
      longestStreak = Math.max(longestStreak, streak);
      addBets(sum, bets, day < last, laterDay === day + 1 ? laterStake : 0);
      laterDay = day;
      laterStake = bets.stake;
    }
    addMoney(sum, row, active && bets.payout < bets.stake);
    addPlay(sum, row);
  }
  const observedDays = Math.max(0, observedOf(WINDOW_DAYS));
  return {
    record,
    asOfDay,
    registeredDay,
    daysSinceLastBet,
    longestStreak,
    last7: last7 ?? window(sum, 7),
    last30: last30 ?? window(sum, 30),
    last90: window(sum, WINDOW_DAYS),
    observedDays,
    reported: observedDays === 0 ? 0 : maskOf(record.reported),
  };
}

function addBets(sum: Sums, bets: NonNullable<Day["bets"]>, hasNextDay: boolean, nextStake: number): void {
  sum.activeDays += 1;
  sum.bets += bets.count;
  sum.stake += bets.stake;
  sum.stakeSquares += bets.stake * bets.stake;
  sum.largestBet = Math.max(sum.largestBet, bets.largest ?? ofOneBet(bets, bets.stake));
  sum.variance += (bets.variance ?? ofOneBet(bets, 0)) * bets.count;
  if (bets.payout < bets.stake) {
    sum.losingDays += 1;
    if (hasNextDay) sum.losingDaysBeforeAnother += 1;
    if (hasNextDay && nextStake > bets.stake) sum.chasedDays += 1;
  }
}

/** Derives what a row does not tell of its single stakes: on a day with one bet, the stake is the largest. */
const ofOneBet = ({ count }: NonNullable<Day["bets"]>, value: number) => (count === 1 ? value : Number.NaN);

function addMoney(sum: Sums, { deposits, withdrawals, balance, bets }: Day, lost: boolean): void {
  if (deposits) {
    sum.deposits += deposits.count;
    sum.deposited += deposits.amount;
    sum.declined += deposits.declined;
    sum.methods = Math.max(sum.methods, deposits.methods);
    if (deposits.count > 1 && lost) sum.redepositDays += 1;
  }
  if (withdrawals) {
    sum.withdrawals += withdrawals.count;
    sum.withdrawn += withdrawals.amount;
    sum.reversed += withdrawals.reversed;
  }
  if (balance && bets && bets.count > 0) {
    sum.balanceDays += 1;
    // Too little left for another bet of the day's mean size: needs no currency.
    if (balance.lowest < bets.stake / bets.count) sum.depletedDays += 1;
  }
}

function addPlay(sum: Sums, { sessions, limits, contacts, products }: Day): void {
  if (sessions) {
    sum.sessions += sessions.count;
    sum.seconds += sessions.seconds;
    sum.nightSeconds += sessions.nightSeconds;
    sum.longestDay = Math.max(sum.longestDay, sessions.seconds);
    if (sessions.nightSeconds >= NIGHT_SECONDS) sum.nightDays += 1;
  }
  if (limits) {
    sum.limitsRaised += limits.raised;
    sum.limitsLowered += limits.lowered;
  }
  if (contacts) {
    sum.contactsReceived += contacts.received;
  }
  if (products) {
    sum.slots += products.slots ?? 0;
    sum.casino += products.casino ?? 0;
    sum.sports += products.sports ?? 0;
    sum.poker += products.poker ?? 0;
    sum.lottery += products.lottery ?? 0;
  }
}
