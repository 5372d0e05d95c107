import { unpacked } from "../../lib/records/content";
import { LineSplitter } from "../../lib/records/lines";
import { concurrently } from "../../lib/util/concurrently";
import type { LineKind, Share } from "./logic";

/** Objects read side by side: enough that a request's latency does not matter, few enough for little memory. */
const CONCURRENCY = 8;
/** A captured row has a kilobyte or two. */
const MAX_LINE_BYTES = 256 * 1024;

/**
 * Reads captured traffic line by line, each object until its share is counted. Returns how many lines were of which
 * kind.
 */
export async function readTraffic(
  shares: readonly Share[],
  open: (key: string) => Promise<AsyncIterable<Buffer>>,
  count: (line: string | undefined) => LineKind,
): Promise<Record<LineKind, number>> {
  const lines: Record<LineKind, number> = { counted: 0, other: 0, bad: 0 };
  await concurrently(shares, CONCURRENCY, async ({ key, rows }) => {
    let left = rows;
    const splitter = new LineSplitter((line) => {
      if (left === 0) return;
      const kind = count(line);
      lines[kind] += 1;
      if (kind === "counted") left -= 1;
    }, MAX_LINE_BYTES);
    for await (const chunk of unpacked(await open(key))) {
      splitter.push(chunk);
      if (left === 0) return;
    }
    splitter.end();
  });
  return lines;
}
