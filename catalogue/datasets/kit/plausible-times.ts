import type { Outcome } from "./outcome";
import { broken, type Rule } from "./rule-table";
import type { Problem } from "./schema-problems";

/** Clocks differ: what is said to be true a little later than now may be true now. */
const TOLERANCE_IN_MS = 5 * 60_000;

/** Before it nobody gambled online. Databases write "unknown" as 0001-01-01, 1900-01-01 or 1970-01-01. */
const EARLIEST = Date.parse("1990-01-01T00:00:00Z");

/** Something that is looked at at a time, in milliseconds since 1970. */
interface Seen<T> {
  readonly value: T;
  readonly now: number;
}

const OR_NOTHING = "send the instant, or leave it out while it is unknown";

/** What holds of an instant in itself. */
const plausible = <T>(
  at: string,
  instantOf: (value: T) => string | undefined,
  remedy = OR_NOTHING,
): readonly Rule<Seen<T>>[] => [
  {
    at,
    holds: ({ value, now }) => {
      const instant = instantOf(value);
      return instant === undefined || !(Date.parse(instant) > now + TOLERANCE_IN_MS);
    },
    message: `is in the future; ${remedy}`,
  },
  {
    at,
    holds: ({ value }) => {
      const instant = instantOf(value);
      return instant === undefined || !(Date.parse(instant) < EARLIEST);
    },
    message: `is before 1990, as databases write an unknown date; ${remedy}`,
  },
];

/** Whether one instant is not after another; nothing is wrong as long as one of them is unknown. */
const notAfter = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || !(Date.parse(one) > Date.parse(other));

interface Dated {
  readonly asOf: string;
  readonly registeredAt?: string;
}

const OF_RECORDS: readonly Rule<Seen<Dated>>[] = [
  ...plausible<Dated>("/asOf", ({ asOf }) => asOf, "send the instant at which the record was true"),
  ...plausible<Dated>("/registeredAt", ({ registeredAt }) => registeredAt),
];

const OF_OUTCOMES: readonly Rule<Seen<Outcome>>[] = [
  ...plausible<Outcome>("/selfExcludedAt", ({ selfExcludedAt }) => selfExcludedAt),
  ...plausible<Outcome>("/firstBetAt", ({ firstBetAt }) => firstBetAt),
  ...plausible<Outcome>("/observedUntil", ({ observedUntil }) => observedUntil),
  ...plausible<Outcome>("/label/at", ({ label }) => label?.at),
  {
    at: "/selfExcludedAt",
    holds: ({ value: { selfExcludedAt, observedUntil } }) => notAfter(selfExcludedAt, observedUntil),
    message: "is after observedUntil, when nobody watched any more",
  },
  {
    at: "/firstBetAt",
    holds: ({ value: { firstBetAt, observedUntil } }) => notAfter(firstBetAt, observedUntil),
    message: "is after observedUntil, when nobody watched any more",
  },
  {
    at: "/firstBetAt",
    holds: ({ value: { firstBetAt, selfExcludedAt } }) => notAfter(firstBetAt, selfExcludedAt),
    message: "is after selfExcludedAt, when nobody could bet any more",
  },
];

/** Finds instants of a record that cannot be: those to come, and those that stand for "unknown". */
export const recordTimes = (value: Dated, now: number): readonly Problem[] => broken(OF_RECORDS, { value, now });

/** Finds instants of an outcome that cannot be, and those that contradict each other. Pointers start below the outcome. */
export const outcomeTimes = (value: Outcome, now: number): readonly Problem[] => broken(OF_OUTCOMES, { value, now });
