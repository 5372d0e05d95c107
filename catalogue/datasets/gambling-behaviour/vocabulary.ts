/** Groups that an operator may report of a day; also the keys of a day's row, beside its date. */
export const GROUPS = [
  "deposits",
  "withdrawals",
  "bets",
  "sessions",
  "products",
  "balance",
  "limits",
  "contacts",
] as const;
export type Group = (typeof GROUPS)[number];

export const PRODUCTS = ["slots", "casino", "sports", "poker", "lottery"] as const;
export type Product = (typeof PRODUCTS)[number];

/** Whole days that features look back; the day before that of `asOf` is the first of them. */
export const WINDOW_DAYS = 90;
