import type { Group } from "../../../../catalogue/datasets/gambling-behaviour/vocabulary";
import type { Customers } from "./lives";
import type { HabitName } from "./watching";

export interface Operator {
  readonly name: string;
  /** What it tells of outcomes. */
  readonly habit: HabitName;
  readonly customers: Customers;
  /** Its players, in those of most others. */
  readonly size: number;
  /** Groups of days that it does not report, or what it does not know of single stakes. */
  readonly silentOn: readonly (Group | "single-stakes")[];
  /** Fields of a record, or of what a player did before depositing, that it leaves out. */
  readonly leavesOut: readonly string[];
}

const usual: Omit<Operator, "name"> = {
  habit: "complete",
  customers: { income: 60, urge: 1, products: { slots: 5, casino: 2, sports: 4, poker: 1, lottery: 1 } },
  size: 1,
  silentOn: [],
  leavesOut: [],
};

/** Operators with habits of their own, by name. */
const TABLE: Readonly<Record<string, Partial<Omit<Operator, "name">>>> = {
  "tells all": {},
  "no firstBetAt": { habit: "first-bet-left-out" },
  "no firstBetAt, no registeredAt": { habit: "first-bet-and-registration-left-out" },
  "no observedUntil of the excluded": { habit: "watch-of-excluded-left-out" },
  "watch ends with the exclusion": { habit: "watch-ends-with-exclusion" },
  "loses sight": { habit: "loses-sight" },
  "verdicts from before": { habit: "suspected-before" },
  "no observedUntil": { habit: "watch-left-out" },
  "no products, contacts, age, identity check": {
    silentOn: ["products", "contacts"],
    leavesOut: ["age", "kyc", "limits", "device", "channel"],
  },
  // Has no labels, and nobody else leaves this out.
  "no observedUntil, withdrawals, single stakes, accounts elsewhere": {
    habit: "watch-left-out",
    silentOn: ["withdrawals", "single-stakes"],
    leavesOut: ["priorExclusions", "accountsElsewhere"],
  },
  // Models that need more judge nobody of it.
  "deposits and bets alone, no browsing": {
    silentOn: ["products", "withdrawals", "contacts", "single-stakes", "sessions", "balance", "limits"],
    leavesOut: ["age", "browsing"],
  },
  "few players": { size: 1 / 12 },
  "other customers": {
    customers: { income: 60, urge: 2, products: { slots: 1, casino: 1, sports: 9, poker: 2, lottery: 0.1 } },
  },
};

export const OPERATORS: readonly Operator[] = Object.entries(TABLE).map(([name, own]) => ({ name, ...usual, ...own }));
