/** Leaves fields out of an object. */
export const without = <R extends object>(record: R, ...fields: readonly string[]): R =>
  Object.fromEntries(Object.entries(record).filter(([field]) => !fields.includes(field))) as R;
