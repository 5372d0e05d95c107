/** Currencies of an environment: models are trained in one, and amounts in others are converted to it. */
export interface Money {
  /** ISO 4217 code of the currency that models are trained in. */
  readonly currency: string;
  /** By ISO 4217 code: what one unit of another currency is worth in that of the models. */
  readonly rates: ReadonlyMap<string, number>;
  /** By operator: the currency of records that do not say theirs. */
  readonly operators: ReadonlyMap<string, string>;
}

/** Money of tests and tools that convert nothing. XXX is ISO 4217's code for no currency. */
export const ONE_CURRENCY: Money = { currency: "XXX", rates: new Map(), operators: new Map() };

export interface Currency {
  readonly code: string;
  /** What one unit is worth in the currency of the models. */
  readonly rate: number;
}

interface InCurrency {
  readonly operatorId: string;
  readonly currency?: string | undefined;
}

/**
 * Finds the currency of a record's amounts: the record's own word, else its operator's setting, else the only one that
 * there is. `undefined` when nobody says it though there are several, and for one that is not known.
 */
export function currencyOf(
  { currency: said, operatorId }: InCurrency,
  { currency, rates, operators }: Money,
): Currency | undefined {
  const code = said ?? operators.get(operatorId) ?? (rates.size === 0 ? currency : undefined);
  const rate = code === currency ? 1 : rates.get(code ?? "");
  return code === undefined || rate === undefined ? undefined : { code, rate };
}

/** Says what is wrong with the currency of a record for which `currencyOf` finds none. */
export function currencyMessage({ currency: said }: InCurrency, { currency, rates }: Money): string {
  const known = [currency, ...rates.keys()].join(", ");
  return said === undefined
    ? `is missing; say which of ${known} the amounts are in`
    : `must be one of ${known}; convert the amounts, or have a rate configured`;
}
