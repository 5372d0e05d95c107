/** Kinds of boxes and chips, by colour: what they stand for is told by the legend of a picture. */
const COLOURS = {
  ours: { fill: "#e8f0fe", stroke: "#3367d6" },
  data: { fill: "#e6f4ea", stroke: "#1e8e3e" },
  outside: { fill: "#f1f3f4", stroke: "#80868b" },
  end: { fill: "#fce8e6", stroke: "#c5221f" },
  choice: { fill: "#fef7e0", stroke: "#b06000" },
} as const;

export type Kind = keyof typeof COLOURS;

export const isKind = (name: string): name is Kind => Object.hasOwn(COLOURS, name);

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Rectangle extends Point {
  readonly width: number;
  readonly height: number;
}

export const FONT = 12;
export const LINE = 16;

/** Width of a text in pixels, from above: no font is at hand that could be measured. */
export const widthOf = (text: string): number => Math.ceil([...text].length * FONT * 0.58);

const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

interface TextStyle {
  readonly bold?: boolean;
  readonly anchor?: "start" | "middle" | "end";
  readonly colour?: string;
}

/** Draws one line of text; `y` is that of its base line. */
export function text(
  at: Point,
  content: string,
  { bold, anchor = "start", colour = "#202124" }: TextStyle = {},
): string {
  const weight = bold ? ' font-weight="600"' : "";
  return `<text x="${at.x}" y="${at.y}" text-anchor="${anchor}" fill="${colour}"${weight}>${escaped(content)}</text>`;
}

/** Draws a rectangle with lines of text in its middle, the first of them bold where there are several. */
export function box({ x, y, width, height }: Rectangle, kind: Kind, lines: readonly string[]): string {
  const { fill, stroke } = COLOURS[kind];
  const top = y + (height - lines.length * LINE) / 2 + FONT;
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${fill}" stroke="${stroke}"/>`,
    ...lines.map((line, index) =>
      text({ x: x + width / 2, y: top + index * LINE }, line, {
        anchor: "middle",
        bold: index === 0 && lines.length > 1,
      }),
    ),
  ].join("\n");
}

/** Draws an arrow along points; `both` gives it two heads. */
export function arrow(points: readonly Point[], both = false): string {
  const path = points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join(" ");
  const start = both ? ' marker-start="url(#head)"' : "";
  return `<path d="${path}" fill="none" stroke="#5f6368" marker-end="url(#head)"${start}/>`;
}

/** A whole picture, on white, so that it can be read in dark pages too. */
export function svg(size: Pick<Rectangle, "width" | "height">, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" font-family="Helvetica, Arial, sans-serif" font-size="${FONT}">`,
    `<title>${escaped(title)}</title>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="#5f6368"/></marker></defs>',
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...parts,
    "</svg>\n",
  ].join("\n");
}
