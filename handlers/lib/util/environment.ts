import type { Money } from "../../../catalogue/datasets/kit/money";
import type { Settings } from "../../../contracts/environment";

/** Looks a name up in a variable that maps names to values. Throws when it is not there. */
export function entryOf<V extends string, T>(
  environment: { readonly [Each in V]: ReadonlyMap<string, T> },
  variable: V,
  name: string,
): T {
  const entry = environment[variable].get(name);
  if (entry === undefined) throw new Error(`${variable} has no entry for ${name}`);
  return entry;
}

/** The currencies that a function which reads records was told of. */
export const moneyOf = (environment: Settings<"preprocess">): Money => ({
  currency: environment.CURRENCY,
  rates: environment.CURRENCY_RATES,
  operators: environment.OPERATOR_CURRENCIES,
});
