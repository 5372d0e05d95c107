import type { Problem } from "./schema-problems";

/** A relation between fields that JSON Schema cannot express. */
export interface Rule<T> {
  /** Pointer from the object that the rule is about. */
  readonly at: string;
  readonly holds: (value: T) => boolean;
  /** Says what was found and what to do; never a value, because values are personal data. */
  readonly message: string;
}

const NONE: readonly Problem[] = [];

/**
 * Finds the rules that a value breaks. Allocates nothing for a value that keeps them, of which a record has hundreds.
 */
export function broken<T>(rules: readonly Rule<T>[], value: T): readonly Problem[] {
  let found: Problem[] | undefined;
  for (const { at, holds, message } of rules) {
    if (holds(value)) continue;
    found ??= [];
    found.push({ pointer: at, message });
  }
  return found ?? NONE;
}

/** Adds problems whose pointers start at `pointer`. */
export function addUnder(problems: Problem[], pointer: () => string, found: readonly Problem[]): void {
  for (const problem of found) problems.push({ ...problem, pointer: pointer() + problem.pointer });
}

/** Tells whether `part` is at most `whole`; an unknown one is never wrong. */
export function atMost(part: number | undefined, whole: number | undefined): boolean {
  return part === undefined || whole === undefined || part <= whole;
}

/** Demands that nobody registers after the moment that a record describes. */
export const registeredBeforeAsOf: Rule<{ readonly asOf: string; readonly registeredAt?: string | undefined }> = {
  at: "/registeredAt",
  holds: ({ registeredAt, asOf }) => registeredAt === undefined || Date.parse(registeredAt) <= Date.parse(asOf),
  message: "is after asOf; send the instant of registration, or leave it out",
};
