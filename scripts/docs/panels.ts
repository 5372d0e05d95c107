import { arrow, box, FONT, type Kind, LINE, svg, text, widthOf } from "./svg";

/** A part of a picture that is read from top to bottom: things that belong together, and lines about them. */
export interface Panel {
  readonly title: string;
  readonly chips: readonly { readonly text: string; readonly kind: Kind }[];
  readonly lines: readonly string[];
  /** Whether an arrow goes from this panel to the one below. */
  readonly goesOn: boolean;
}

export interface Panels {
  readonly title: string;
  readonly notes: readonly string[];
  readonly panels: readonly Panel[];
}

const MARGIN = 20;
const WIDTH = 1080;
/** Left end of a panel's lines, beside its chips. */
const LINES = 700;
const CHIP = 22;
const GAP = 6;
const BETWEEN = 18;

/** Draws panels one below the other. */
export function drawPanels({ title, notes, panels }: Panels): string {
  const parts = [
    text({ x: MARGIN, y: 30 }, title, { bold: true }),
    ...notes.map((note, index) => text({ x: MARGIN, y: 50 + index * LINE }, note, { colour: "#5f6368" })),
  ];
  let y = 56 + notes.length * LINE;
  for (const panel of panels) {
    const rows = wrapped(panel.chips);
    const height = Math.max(38 + rows.length * (CHIP + GAP), 34 + panel.lines.length * LINE);
    parts.push(
      `<rect x="${MARGIN}" y="${y}" width="${WIDTH - 2 * MARGIN}" height="${height}" rx="8" fill="#fafafa" stroke="#dadce0"/>`,
      text({ x: 2 * MARGIN, y: y + 20 }, panel.title, { bold: true }),
      ...rows.flatMap((row, index) => drawRow(row, y + 30 + index * (CHIP + GAP))),
      ...panel.lines.map((line, index) => text({ x: LINES, y: y + 22 + index * LINE }, line)),
    );
    y += height;
    if (panel.goesOn) {
      parts.push(
        arrow([
          { x: 4 * MARGIN, y },
          { x: 4 * MARGIN, y: y + BETWEEN },
        ]),
      );
    }
    y += BETWEEN;
  }
  return svg({ width: WIDTH, height: y }, title, parts);
}

const widthOfChip = (content: string): number => widthOf(content) + FONT + 4;

/** The chips in rows that are no wider than a panel's left part. */
function wrapped(chips: Panel["chips"]): Panel["chips"][] {
  const rows: Panel["chips"][number][][] = [[]];
  let used = 0;
  for (const chip of chips) {
    const wanted = widthOfChip(chip.text) + GAP;
    if (used + wanted > LINES - 3 * MARGIN) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(chip);
    used += wanted;
  }
  return rows;
}

function drawRow(chips: Panel["chips"], y: number): string[] {
  let x = 2 * MARGIN;
  return chips.map(({ text: content, kind }) => {
    const width = widthOfChip(content);
    const drawn = box({ x, y, width, height: CHIP }, kind, [content]);
    x += width + GAP;
    return drawn;
  });
}
