import { addUnder, atMost, broken, type Rule, registeredBeforeAsOf } from "../kit/rule-table";
import type { Problem } from "../kit/schema-problems";
import { dateOfDay, dayOfInstant } from "../kit/time";
import type { Day, GamblingBehaviourRecord } from "./record";
import { GROUPS, type Group } from "./vocabulary";

/** Amounts are rounded to cents before they are added up. */
const ROUNDING = 0.05;

type DayCheck = (day: Day) => readonly Problem[];

/** Makes the rules of one group, with pointers from the row; a row without the group keeps them. */
function within<G extends Group>(group: G, rules: readonly Rule<NonNullable<Day[G]>>[]): DayCheck {
  const fromRow = rules.map(({ at, ...rule }) => ({ ...rule, at: `/${group}${at}` }));
  return ({ [group]: value }) => (value === undefined ? [] : broken(fromRow, value as NonNullable<Day[G]>));
}

const productsAddUp: Rule<Day> = {
  at: "/products",
  holds: ({ bets, products }) => {
    if (!products || !bets) return true;
    const { slots = 0, casino = 0, sports = 0, poker = 0, lottery = 0 } = products;
    return Math.abs(slots + casino + sports + poker + lottery - bets.stake) <= ROUNDING + bets.stake / 1000;
  },
  message: "do not add up to the day's stake; divide bets.stake among the products",
};

const dayChecks: readonly DayCheck[] = [
  within("deposits", [
    {
      at: "/amount",
      holds: ({ count, amount }) => count > 0 || amount === 0,
      message: "is above 0 on a day without deposits; send 0, or the number of deposits in count",
    },
    {
      at: "/methods",
      holds: ({ count, methods }) => count === 0 || methods > 0,
      message: "is 0 on a day with deposits; send the number of different payment methods",
    },
    {
      at: "/methods",
      holds: ({ count, declined, methods }) => methods <= count + declined,
      message: "is more than the deposits tried; count each method that was used on that day once",
    },
  ]),
  within("withdrawals", [
    {
      at: "/amount",
      holds: ({ count, amount }) => count > 0 || amount === 0,
      message: "is above 0 on a day without withdrawals; send 0, or the number of withdrawals in count",
    },
    {
      at: "/reversed",
      holds: ({ count, reversed }) => reversed <= count,
      message: "is more than the withdrawals; count a reversal on the day of its withdrawal",
    },
  ]),
  within("bets", [
    {
      at: "/stake",
      holds: ({ count, stake }) => count > 0 || stake === 0,
      message: "is above 0 on a day without bets; send 0, or the number of bets in count",
    },
    {
      at: "/largest",
      holds: ({ stake, largest }) => atMost(largest, stake + ROUNDING),
      message: "is above the sum of the day's stakes; send the largest single stake",
    },
    {
      at: "/largest",
      holds: ({ count, stake, largest = stake }) => count === 0 || stake <= largest * count + ROUNDING * (count + 1),
      message: "is below the mean stake of the day; send the largest single stake",
    },
    {
      at: "/variance",
      // A variance cannot exceed a quarter of the squared range; the other quarter allows for the sample variance.
      holds: ({ stake, largest = stake, variance }) => atMost(variance, (largest * largest) / 2 + ROUNDING),
      message: "is more than stakes up to the largest one can vary; send the variance of the day's single stakes",
    },
  ]),
  within("sessions", [
    {
      at: "/seconds",
      holds: ({ count, seconds }) => count > 0 || seconds === 0,
      message: "is above 0 on a day without sessions; send 0, or the number of sessions in count",
    },
    {
      at: "/nightSeconds",
      holds: ({ seconds, nightSeconds }) => nightSeconds <= seconds,
      message: "is more than seconds; send the part of seconds that was at night",
    },
  ]),
  within("balance", [
    {
      at: "/lowest",
      holds: ({ lowest, closing }) => lowest <= closing,
      message: "is above the closing balance; send the lowest balance of the day, its end included",
    },
  ]),
  (day) => broken([productsAddUp], day),
];

const recordRules: readonly Rule<GamblingBehaviourRecord>[] = [
  registeredBeforeAsOf,
  {
    at: "/observedFrom",
    holds: ({ observedFrom, asOf }) => observedFrom <= dateOfDay(dayOfInstant(asOf)),
    message: "is after the day of asOf (UTC); send the first day that days covers",
  },
  {
    at: "/observedUntil",
    holds: ({ observedFrom, observedUntil = observedFrom }) => observedFrom <= observedUntil,
    message: "is before observedFrom; send the last day that days covers",
  },
  {
    at: "/observedUntil",
    holds: ({ observedUntil = "", asOf }) => observedUntil <= dateOfDay(dayOfInstant(asOf)),
    message: "is after the day of asOf (UTC); send the last day that days covers, or a later asOf",
  },
];

/** A row's place among the others, and in time. */
interface Place {
  readonly date: string;
  readonly previous: string;
  readonly last: string;
  readonly observedFrom: string;
  readonly observedUntil: string | undefined;
  readonly registered: string;
}

const placeRules: readonly Rule<Place>[] = [
  {
    at: "/date",
    holds: ({ date, previous }) => date > previous,
    message: "is not after the row before; send one row a day, in ascending order",
  },
  {
    at: "/date",
    holds: ({ date, last }) => date <= last,
    message: "is after the day of asOf (UTC); leave the row out, or send a later asOf",
  },
  {
    at: "/date",
    holds: ({ date, observedFrom }) => date >= observedFrom,
    message: "is before observedFrom; leave the row out, or correct observedFrom",
  },
  {
    at: "/date",
    holds: ({ date, observedUntil }) => observedUntil === undefined || date <= observedUntil,
    message: "is after observedUntil; leave the row out, or correct observedUntil",
  },
  {
    at: "/date",
    holds: ({ date, registered }) => date >= registered,
    message: "is before the day of registeredAt (UTC); leave the row out, or correct registeredAt",
  },
];

/** Finds broken relations between fields, which JSON Schema cannot express. */
export function rules(record: GamblingBehaviourRecord): readonly Problem[] {
  const problems = [...broken(recordRules, record)];
  const { observedFrom, observedUntil, registeredAt } = record;
  const last = dateOfDay(dayOfInstant(record.asOf));
  const registered = registeredAt === undefined ? "" : dateOfDay(dayOfInstant(registeredAt));
  const unreported = GROUPS.filter((group) => !record.reported.includes(group));
  let previous = "";
  let index = 0;
  // Pointers are made only for what is wrong: ninety rows of eight groups are usually right.
  const row = () => `/days/${index}`;
  for (const day of record.days) {
    const { date } = day;
    addUnder(problems, row, broken(placeRules, { date, previous, last, observedFrom, observedUntil, registered }));
    for (const group of unreported) {
      if (day[group] === undefined) continue;
      problems.push({ pointer: `${row()}/${group}`, message: "is not in reported; add it there or leave it out" });
    }
    for (const check of dayChecks) addUnder(problems, row, check(day));
    previous = date;
    index += 1;
  }
  return problems;
}
