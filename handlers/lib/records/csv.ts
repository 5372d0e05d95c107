import { MISSING } from "../../../contracts/training";

/**
 * Numbers from here on are written with an exponent, because XGBoost's text parser, by which the built-in container
 * reads training data, adds up the digits before the point in 64 bits, without a look at the overflow: `1e20` is right,
 * its 21 digits are not.
 */
const MOST_DIGITS = 1e19;

/**
 * One CSV row: numbers with every digit that they need to be read back unchanged, and `nan` for what is missing. So is
 * what does not fit a float32: XGBoost refuses all rows of a training when one of them has an infinity.
 */
export function csvRow(values: readonly (number | null)[]): string {
  let row = "";
  for (let column = 0; column < values.length; column += 1) {
    if (column > 0) row += ",";
    const value = values[column];
    if (typeof value !== "number" || !Number.isFinite(Math.fround(value))) row += MISSING;
    else row += Math.abs(value) < MOST_DIGITS ? value : value.toExponential();
  }
  return row;
}

/**
 * Makes a row of a split: label, weight and features, which are given as CSV. A weight says how much a row counts, and is
 * what SageMaker's built-in XGBoost reads after the label (`csv_weights`).
 */
export const trainingRow = (label: number, weight: number, features: string): string =>
  `${csvRow([label, weight])},${features}`;

/** A row's features; an empty field is missing too. */
export const parseRow = (row: string): (number | null)[] =>
  row.split(",").map((field) => (field === MISSING || field === "" ? null : Number(field)));

/**
 * The scores of an endpoint's `text/csv` answer. The containers write one a line; SageMaker's built-in XGBoost
 * before 1.3 put all of them on one line, so both separators are read. `NaN` where there is no number.
 */
export function parseScores(body: string): number[] {
  const text = body.trim();
  if (text === "") return [];
  return text.split(/[\n,]/).map((field) => (field.trim() === "" ? Number.NaN : Number(field)));
}
