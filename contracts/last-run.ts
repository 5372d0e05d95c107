import type { GateVerdict } from "../catalogue/training/gate";

/**
 * The last run of a model that ended with a verdict, and carried it out: an SSM parameter in JSON, which the main state
 * machine writes and the next run's plan reads.
 */
export interface LastRun {
  readonly runId: string;
  /** When its execution started, RFC 3339. */
  readonly startedAt: string;
  readonly verdict: GateVerdict["verdict"];
}

/** Content of the parameter before the first run. */
export const NO_RUN = "{}";

/**
 * Reads the parameter; `undefined` before the first run.
 *
 * @throws Error when it is no JSON.
 */
export function parseLastRun(value: string): Pick<LastRun, "runId" | "startedAt"> | undefined {
  let found: Partial<Record<keyof LastRun, unknown>>;
  try {
    found = Object(JSON.parse(value));
  } catch {
    throw new Error("the last run in SSM is not JSON; correct the parameter");
  }
  const { runId, startedAt } = found;
  return typeof runId === "string" && typeof startedAt === "string" ? { runId, startedAt } : undefined;
}
