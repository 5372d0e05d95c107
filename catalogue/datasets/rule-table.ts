import type { Problem } from "../vocabulary";

/** A relation between fields that JSON Schema cannot express. */
export interface Rule<T> {
  /** Pointer, relative to the object that the rule is about. */
  readonly at: string;
  readonly holds: (value: T) => boolean;
  /** What was found, and what to do. Never a value: values are personal data. */
  readonly message: string;
}

/** The rules that `value`, which stands at `pointer`, breaks. */
export function broken<T>(rules: readonly Rule<T>[], value: T, pointer = ""): Problem[] {
  const found: Problem[] = [];
  for (const { at, holds, message } of rules) if (!holds(value)) found.push({ pointer: pointer + at, message });
  return found;
}

/** Whether `part` is at most `whole`; nothing is wrong as long as one of them is unknown. */
export function atMost(part: number | undefined, whole: number | undefined): boolean {
  return part === undefined || whole === undefined || part <= whole;
}

/** Nobody registers after the moment that a record describes. */
export const registeredBeforeAsOf: Rule<{ readonly asOf: string; readonly registeredAt?: string | undefined }> = {
  at: "/registeredAt",
  holds: ({ registeredAt, asOf }) => registeredAt === undefined || Date.parse(registeredAt) <= Date.parse(asOf),
  message: "is after asOf; send the instant of registration, or leave it out",
};
