import { unpacked } from "../../lib/records/content";
import { LineSplitter } from "../../lib/records/lines";
import { concurrently } from "../../lib/util/concurrently";
import type { LineKind } from "./logic";

/** Objects read side by side: enough that a request's latency does not matter, few enough for little memory. */
const CONCURRENCY = 8;
/** A captured row has a kilobyte or two. */
const MAX_LINE_BYTES = 256 * 1024;

/** Reads captured traffic line by line. Returns how many lines were of which kind. */
export async function readTraffic(
  keys: readonly string[],
  open: (key: string) => Promise<AsyncIterable<Buffer>>,
  count: (line: string | undefined) => LineKind,
): Promise<Record<LineKind, number>> {
  const lines: Record<LineKind, number> = { counted: 0, other: 0, bad: 0 };
  await concurrently(keys, CONCURRENCY, async (key) => {
    const splitter = new LineSplitter((line) => {
      lines[count(line)] += 1;
    }, MAX_LINE_BYTES);
    for await (const chunk of unpacked(await open(key))) splitter.push(chunk);
    splitter.end();
  });
  return lines;
}
