import { atMost, broken, type Rule, registeredBeforeAsOf } from "../kit/rule-table";
import type { Problem } from "../kit/schema-problems";
import type { BeforeInitialDepositRecord } from "./record";

const table: readonly Rule<BeforeInitialDepositRecord>[] = [
  registeredBeforeAsOf,
  {
    at: "/kyc/attempts",
    holds: ({ kyc }) => kyc?.attempts !== 0 || !kyc.seconds,
    message: "is 0 although time was spent on the identity check; send the number of attempts, or leave one out",
  },
  {
    at: "/limits/count",
    holds: ({ limits }) => limits?.count !== 0 || limits.monthlyDeposit === undefined,
    message: "is 0 although a deposit limit was set; count that limit, or leave monthlyDeposit out",
  },
  {
    at: "/browsing/nightSeconds",
    holds: ({ browsing }) => atMost(browsing?.nightSeconds, browsing?.seconds),
    message: "is more than seconds; send the part of seconds that was at night",
  },
  {
    at: "/browsing/seconds",
    holds: ({ browsing }) => browsing?.sessions !== 0 || !browsing.seconds,
    message: "is above 0 without sessions; send 0, or the number of sessions",
  },
  {
    at: "/browsing/pages",
    holds: ({ browsing }) => {
      const { bonusPages = 0, responsibleGamblingPages = 0, depositPages = 0, pages } = browsing ?? {};
      return atMost(bonusPages + responsibleGamblingPages + depositPages, pages);
    },
    message: "is less than the bonus, responsible-gambling and deposit pages together; send the sum of all pages",
  },
];

/** Finds broken relations between fields, which JSON Schema cannot express. */
export function rules(record: BeforeInitialDepositRecord): readonly Problem[] {
  return broken(table, record);
}
