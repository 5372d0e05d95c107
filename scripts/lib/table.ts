/** Writes rows under headings, with columns padded to their widest cell, for people at a terminal. */
export function table(headings: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = [headings, ...rows].map((row) => row.map((cell) => String(cell || cell === 0 ? cell : "")));
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `  ${row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join("  ")
      .trimEnd()}`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => "─".repeat(width))), ...body.map(line)].join("\n");
}
