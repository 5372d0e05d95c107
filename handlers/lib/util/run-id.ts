import { createHash } from "node:crypto";

/**
 * Names a run of something, `of`: `<yyyymmdd>-<hhmmss>-<6 hex>`. Sorts by time, and the same execution always names the
 * same run.
 */
export function runId(run: { readonly execution: string; readonly of: string; readonly startedAt: string }): string {
  const started = new Date(run.startedAt);
  if (Number.isNaN(started.getTime())) throw new Error(`startedAt is not an instant: ${run.startedAt}`);
  const [date = "", time = ""] = started.toISOString().split("T");
  const digest = createHash("sha256").update(`${run.execution}\n${run.of}`).digest("hex").slice(0, 6);
  return `${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}-${digest}`;
}
