import { table } from "../lib/table";

/** Digits with which each unit is printed, and whether more of it is better. */
const UNITS = {
  ms: { digits: 1, moreIsBetter: false },
  kB: { digits: 1, moreIsBetter: false },
  gas: { digits: 0, moreIsBetter: false },
  "%": { digits: 1, moreIsBetter: false },
  AUROC: { digits: 4, moreIsBetter: false },
  /** A quotient of two quantities of one unit, such as a mean score over the true rate, or a slope. */
  "×": { digits: 3, moreIsBetter: false },
  "answers/s": { digits: 1, moreIsBetter: true },
  "records/s": { digits: 0, moreIsBetter: true },
} as const;

export interface Result {
  readonly what: string;
  readonly value: number;
  readonly unit: keyof typeof UNITS;
  readonly detail?: string;
  /** A measurement in the same unit of something that nothing of ours can beat. */
  readonly floor?: { readonly name: string; readonly value: number };
  readonly limit?: { readonly of: "value" | "ratio"; readonly atLeast?: number; readonly atMost: number };
}

/** Divides a result by its floor, so that 2 means twice as slow, whether times or rates were measured. */
export function ratioOf({ value, unit, floor }: Result): number | undefined {
  if (floor === undefined) return undefined;
  return UNITS[unit].moreIsBetter ? floor.value / value : value / floor.value;
}

/** Tells whether a result keeps its limit; `undefined` without one. */
export function isKept(result: Result): boolean | undefined {
  if (result.limit === undefined) return undefined;
  const measured = result.limit.of === "value" ? result.value : ratioOf(result);
  // A limit on something that was not measured is not kept, nor is one on a number that is none.
  return measured !== undefined && measured >= (result.limit.atLeast ?? -Infinity) && measured <= result.limit.atMost;
}

const VERDICTS = new Map([
  [true, "yes"],
  [false, "NO"],
]);

const limitText = ({ of, atLeast, atMost }: NonNullable<Result["limit"]>, unit: string) =>
  `${atLeast === undefined ? "" : `${atLeast} to `}${atMost} ${of === "ratio" ? "×" : unit}`;

export function resultTable(results: readonly Result[]): string {
  return table(
    ["what", "measured", "", "floor", "ratio", "limit", "ok?"],
    results.map((result) => {
      const { what, value, unit, detail, floor, limit } = result;
      const quantity = (amount: number) => `${amount.toFixed(UNITS[unit].digits)} ${unit}`;
      return [
        what,
        quantity(value),
        detail,
        floor && `${quantity(floor.value)} ${floor.name}`,
        ratioOf(result)?.toFixed(2),
        limit && limitText(limit, unit),
        VERDICTS.get(isKept(result) as boolean),
      ];
    }),
  );
}
