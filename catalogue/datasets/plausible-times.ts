import type { Outcome } from "../outcome";
import type { Problem } from "../vocabulary";

/** Clocks differ: what is said to be true a little later than now may be true now. */
const TOLERANCE_IN_MS = 5 * 60_000;

/** Before it nobody gambled online. Databases write "unknown" as 0001-01-01, 1900-01-01 or 1970-01-01. */
const EARLIEST = Date.parse("1990-01-01T00:00:00Z");

/** What is wrong with an instant in itself, seen from `now` (milliseconds since 1970). */
function problemOf(instant: string, now: number): string | undefined {
  const at = Date.parse(instant);
  if (at > now + TOLERANCE_IN_MS) return "is in the future; send the instant, or leave it out while it is unknown";
  if (at < EARLIEST) return "is before 1990, as databases write an unknown date; send the instant, or leave it out";
  return undefined;
}

const problems = (instants: readonly (readonly [pointer: string, instant: string | undefined])[], now: number) =>
  instants.flatMap(([pointer, instant]): Problem[] => {
    const message = instant === undefined ? undefined : problemOf(instant, now);
    return message === undefined ? [] : [{ pointer, message }];
  });

/** Finds instants of a record that cannot be: those to come, and those that stand for "unknown". */
export const recordTimes = (
  { asOf, registeredAt }: { readonly asOf: string; readonly registeredAt?: string },
  now: number,
): readonly Problem[] =>
  problems(
    [
      ["/asOf", asOf],
      ["/registeredAt", registeredAt],
    ],
    now,
  );

/** Finds instants of an outcome that cannot be, and those that contradict each other. Pointers start below the outcome. */
export function outcomeTimes(outcome: Outcome, now: number): readonly Problem[] {
  const { selfExcludedAt, firstBetAt, observedUntil, label } = outcome;
  const found = problems(
    [
      ["/selfExcludedAt", selfExcludedAt],
      ["/firstBetAt", firstBetAt],
      ["/observedUntil", observedUntil],
      ["/label/at", label?.at],
    ],
    now,
  );
  const isAfter = (one: string | undefined, other: string | undefined) =>
    one !== undefined && other !== undefined && Date.parse(one) > Date.parse(other);
  if (isAfter(selfExcludedAt, observedUntil)) {
    found.push({ pointer: "/selfExcludedAt", message: "is after observedUntil, when nobody watched any more" });
  }
  if (isAfter(firstBetAt, observedUntil)) {
    found.push({ pointer: "/firstBetAt", message: "is after observedUntil, when nobody watched any more" });
  }
  if (isAfter(firstBetAt, selfExcludedAt)) {
    found.push({ pointer: "/firstBetAt", message: "is after selfExcludedAt, when nobody could bet any more" });
  }
  return found;
}
