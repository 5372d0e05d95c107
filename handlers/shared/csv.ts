/**
 * One CSV row: empty for a missing value, and numbers with every digit that they need to be read back unchanged. Not
 * `join`, because a value that is not finite must be missing too: JSON has already made it `null` on the request path.
 */
export function csvRow(values: readonly (number | null)[]): string {
  let row = "";
  for (let column = 0; column < values.length; column += 1) {
    if (column > 0) row += ",";
    const value = values[column];
    if (typeof value === "number" && Number.isFinite(value)) row += value;
  }
  return row;
}

/**
 * The scores of an endpoint's `text/csv` answer. Our container writes one a line; SageMaker's built-in XGBoost puts
 * all of them on one line when it serves in real time, so both separators are read. `NaN` where there is no number.
 */
export function parseScores(body: string): number[] {
  const text = body.trim();
  if (text === "") return [];
  return text.split(/[\n,]/).map((field) => (field.trim() === "" ? Number.NaN : Number(field)));
}
