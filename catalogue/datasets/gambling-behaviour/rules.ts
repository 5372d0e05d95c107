import type { Problem } from "../../vocabulary";
import { broken, type Rule, registeredBeforeAsOf } from "../rule-table";
import { dateOfDay, dayOfInstant } from "../time";
import type { Day, GamblingBehaviourRecord } from "./record";
import { GROUPS, type Group, PRODUCTS } from "./vocabulary";

/** Amounts are rounded to cents before they are added up. */
const ROUNDING = 0.05;

type GroupRules = { readonly [G in Group]: readonly Rule<NonNullable<Day[G]>>[] };

const groupRules: GroupRules = {
  deposits: [
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
  ],
  withdrawals: [
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
  ],
  bets: [
    {
      at: "/stake",
      holds: ({ count, stake }) => count > 0 || stake === 0,
      message: "is above 0 on a day without bets; send 0, or the number of bets in count",
    },
    {
      at: "/largest",
      holds: ({ stake, largest }) => largest <= stake + ROUNDING,
      message: "is above the sum of the day's stakes; send the largest single stake",
    },
    {
      at: "/largest",
      holds: ({ count, stake, largest }) => stake <= largest * count + ROUNDING * (count + 1),
      message: "is below the mean stake of the day; send the largest single stake",
    },
    {
      at: "/variance",
      // A variance cannot exceed a quarter of the squared range; the other quarter allows for the sample variance.
      holds: ({ largest, variance }) => variance <= (largest * largest) / 2 + ROUNDING,
      message: "is more than stakes up to the largest one can vary; send the variance of the day's single stakes",
    },
  ],
  sessions: [
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
  ],
  products: [],
  balance: [
    {
      at: "/lowest",
      holds: ({ lowest, closing }) => lowest <= closing,
      message: "is above the closing balance; send the lowest balance of the day, its end included",
    },
  ],
  limits: [],
  contacts: [],
};

const dayRules: readonly Rule<Day>[] = [
  {
    at: "/products",
    holds: ({ bets, products }) => {
      if (!products || !bets) return true;
      const sum = PRODUCTS.reduce((total, product) => total + (products[product] ?? 0), 0);
      return Math.abs(sum - bets.stake) <= ROUNDING + bets.stake / 1000;
    },
    message: "do not add up to the day's stake; divide bets.stake among the products",
  },
];

const recordRules: readonly Rule<GamblingBehaviourRecord>[] = [
  registeredBeforeAsOf,
  {
    at: "/observedFrom",
    holds: ({ observedFrom, asOf }) => observedFrom <= dateOfDay(dayOfInstant(asOf)),
    message: "is after the day of asOf (UTC); send the first day that days covers",
  },
];

/** Relations between fields that JSON Schema cannot express. */
export function rules(record: GamblingBehaviourRecord): Problem[] {
  const problems = broken(recordRules, record, "");
  const lastDate = dateOfDay(dayOfInstant(record.asOf));
  const registered = record.registeredAt === undefined ? "" : dateOfDay(dayOfInstant(record.registeredAt));
  const reported = new Set<string>(record.reported);
  let previous = "";
  record.days.forEach((day, index) => {
    const pointer = `/days/${index}`;
    const { date } = day;
    const misplaced = (message: string) => problems.push({ pointer: `${pointer}/date`, message });
    if (date <= previous) misplaced("is not after the row before; send one row a day, in ascending order");
    if (date > lastDate) misplaced("is after the day of asOf (UTC); leave the row out, or send a later asOf");
    if (date < record.observedFrom) misplaced("is before observedFrom; leave the row out, or correct observedFrom");
    if (date < registered) misplaced("is before the day of registeredAt; leave the row out, or correct registeredAt");
    previous = date;

    for (const group of GROUPS) {
      const value = day[group];
      if (value === undefined) continue;
      if (!reported.has(group)) {
        problems.push({ pointer: `${pointer}/${group}`, message: "is not in reported; add it there or leave it out" });
      }
      problems.push(...broken(groupRules[group] as readonly Rule<typeof value>[], value, `${pointer}/${group}`));
    }
    problems.push(...broken(dayRules, day, pointer));
  });
  return problems;
}
