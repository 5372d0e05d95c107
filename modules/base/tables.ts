/**
 * Looks up what cannot be missing, because configuration and stacks are made from one catalogue; throws if it is. Names
 * are texts here and no `ModelName`, because stacks are made from any catalogue, as tests show with models of their own.
 */
export function entry<T>(table: Readonly<Record<string, T>>, name: string): T {
  const found = table[name];
  if (found === undefined) throw new Error(`"${name}" is missing among ${Object.keys(table).join(", ")}`);
  return found;
}

/** Makes a table with the same keys and other values. */
export const mapValues = <K extends string, T, U>(
  table: Readonly<Record<K, T>>,
  of: (value: T, key: K) => U,
): Readonly<Record<K, U>> =>
  Object.fromEntries(Object.entries<T>(table).map(([key, value]) => [key, of(value, key as K)])) as Record<K, U>;
