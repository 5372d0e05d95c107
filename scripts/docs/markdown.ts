/** Text as code, in a cell of a table too. */
export const code = (text: string): string => `\`${text.replace(/\|/g, "\\|")}\``;

/** A table of Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
