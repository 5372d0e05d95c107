import type { Outcome } from "./outcome";
import { broken, type Rule } from "./rule-table";
import type { Problem } from "./schema-problems";

/** Distance by which an instant may lie in the future, because clocks differ. */
const TOLERANCE_IN_MS = 5 * 60_000;

/** Before this instant nobody gambled online. Databases write "unknown" as 0001-01-01, 1900-01-01 or 1970-01-01. */
const EARLIEST = Date.parse("1990-01-01T00:00:00Z");

/** A value, and when it is checked, in milliseconds since 1970. */
interface Seen<T> {
  readonly value: T;
  readonly now: number;
}

const OR_NOTHING = "send the instant, or leave it out while it is unknown";

/** Makes the rules that an instant must keep, whatever the others are. */
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

/** Tells whether one instant is not after another; an unknown one is never wrong. */
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

/**
 * Finds instants of an outcome that cannot be, and those that contradict each other. Pointers start below the outcome.
 */
export const outcomeTimes = (value: Outcome, now: number): readonly Problem[] => broken(OF_OUTCOMES, { value, now });
