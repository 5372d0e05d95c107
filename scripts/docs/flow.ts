import { z } from "zod";
import { arrow, box, isKind, type Kind, LINE, type Point, type Rectangle, svg, text, widthOf } from "./svg";

/** A picture of boxes on a grid and arrows between them, as its file in docs/diagrams describes it. */
export const flowSchema = z.strictObject({
  title: z.string(),
  /** By the box's name, which arrows use: its place on the grid, what it is, and its lines of text. */
  boxes: z.record(
    z.string(),
    z.strictObject({
      column: z.int().min(0),
      row: z.int().min(0),
      kind: z.custom<Kind>((value) => typeof value === "string" && isKind(value), "is no kind of box"),
      lines: z.array(z.string()).min(1),
    }),
  ),
  arrows: z.array(
    z.strictObject({
      from: z.string(),
      to: z.string(),
      label: z.string().default(""),
      both: z.boolean().default(false),
    }),
  ),
});

type Flow = z.infer<typeof flowSchema>;

const MARGIN = 20;
const PADDING = 12;
/** Between two boxes beside or above each other, besides what a label between them needs. */
const GAP = 36;
const TITLE = 30;

/** Draws a flow. Throws when an arrow names a box that there is not, or goes neither along a row nor to another one. */
export function drawFlow({ title, boxes, arrows }: Flow): string {
  const all = Object.values(boxes);
  const named = (name: string) => {
    const found = boxes[name];
    if (found === undefined) throw new Error(`"${title}" has an arrow to or from "${name}", which is no box`);
    return found;
  };
  const columns = 1 + Math.max(...all.map(({ column }) => column));
  const rows = 1 + Math.max(...all.map(({ row }) => row));
  const range = (count: number) => Array.from({ length: count }, (_, index) => index);

  const widths = range(columns).map((column) =>
    Math.max(0, ...all.filter((each) => each.column === column).map(({ lines }) => Math.max(...lines.map(widthOf)))),
  );
  const heights = range(rows).map((row) =>
    Math.max(0, ...all.filter((each) => each.row === row).map(({ lines }) => lines.length * LINE)),
  );
  // An arrow's label wants room between its columns.
  const gaps = range(columns).map((column) =>
    Math.max(
      GAP,
      ...arrows
        .filter(({ from, to }) => named(from).row === named(to).row)
        .filter(({ from, to }) => Math.min(named(from).column, named(to).column) === column)
        .map(({ label }) => widthOf(label) + 20),
    ),
  );
  const left = (column: number): number =>
    MARGIN + range(column).reduce((sum, each) => sum + (widths[each] ?? 0) + 2 * PADDING + (gaps[each] ?? 0), 0);
  const top = (row: number): number =>
    MARGIN + TITLE + range(row).reduce((sum, each) => sum + (heights[each] ?? 0) + 2 * PADDING + GAP, 0);
  const place = (name: string): Rectangle => {
    const { column, row } = named(name);
    return {
      x: left(column),
      y: top(row),
      width: (widths[column] ?? 0) + 2 * PADDING,
      height: (heights[row] ?? 0) + 2 * PADDING,
    };
  };
  const drawn = arrows.flatMap(({ from, to, label, both }) => {
    const points = between(place(from), place(to));
    const [start, next] = points as [Point, Point];
    const middle = { x: (start.x + next.x) / 2, y: (start.y + next.y) / 2 };
    const along = start.y === next.y;
    const at = along ? { x: middle.x, y: middle.y - 6 } : { x: middle.x + 6, y: middle.y + 4 };
    return [
      arrow(points, both),
      ...(label === "" ? [] : [text(at, label, { anchor: along ? "middle" : "start", colour: "#5f6368" })]),
    ];
  });
  return svg({ width: left(columns) - (gaps[columns - 1] ?? 0) + MARGIN, height: top(rows) - GAP + MARGIN }, title, [
    text({ x: MARGIN, y: MARGIN + 10 }, title, { bold: true }),
    ...drawn,
    ...Object.entries(boxes).map(([name, { kind, lines }]) => box(place(name), kind, lines)),
  ]);
}

/** The way from one box to another: straight along a row or a column, else through the gap between two rows. */
function between(from: Rectangle, to: Rectangle): readonly Point[] {
  const centre = ({ x, y, width, height }: Rectangle) => ({ x: x + width / 2, y: y + height / 2 });
  const [a, b] = [centre(from), centre(to)];
  const beside = (one: Rectangle, other: Point) => (centre(one).x < other.x ? one.x + one.width : one.x);
  const above = (one: Rectangle, other: Point) => (centre(one).y < other.y ? one.y + one.height : one.y);
  if (from.y === to.y) {
    return [
      { x: beside(from, b), y: a.y },
      { x: beside(to, a), y: b.y },
    ];
  }
  const [start, end] = [above(from, b), above(to, a)];
  if (from.x === to.x) {
    return [
      { x: a.x, y: start },
      { x: b.x, y: end },
    ];
  }
  // Not from the middle, where the arrow straight down starts.
  const x = a.x + (Math.sign(b.x - a.x) * from.width) / 4;
  const turn = end + (Math.sign(start - end) * GAP) / 2;
  return [
    { x, y: start },
    { x, y: turn },
    { x: b.x, y: turn },
    { x: b.x, y: end },
  ];
}
