import { z } from "zod";

/** Ends of a scoring. */
export const SCORING_STATUSES = ["Scored", "Skipped", "ScoringFailed"] as const;
/** Those of them that no run of a model has. */
export const SCORING_EVENTS = ["Scored", "ScoringFailed"] as const;

const count = z.number();

/** The result of a scoring, as its state machine tells it. */
const result = z.object({
  dataset: z.string(),
  status: z.enum(SCORING_STATUSES),
  runId: z.string().exactOptional(),
  /** Day that it is of, `yyyy-mm-dd`, in UTC. */
  date: z.string().exactOptional(),
  players: count.exactOptional(),
  /** What became of the records, in words. */
  records: z.string().exactOptional(),
  /** Players by risk. */
  risk: z.record(z.string(), count).exactOptional(),
  /** Models that could not score, and why, in words; empty when all could. */
  leftOut: z.string().exactOptional(),
  /** Why nobody was scored. */
  reason: z.string().exactOptional(),
  step: z.string().exactOptional(),
  error: z.string().exactOptional(),
  cause: z.string().exactOptional(),
});

export type ScoringResult = Readonly<z.infer<typeof result>>;

/** A status, and expressions for the other fields, from which the state machine makes a result. */
export type ScoringExpressions = { readonly status: ScoringResult["status"] } & {
  readonly [Field in Exclude<keyof ScoringResult, "status">]?: string | object;
};

/**
 * Reads the output of an execution.
 *
 * @throws Error that says which field is not as it must be.
 */
export function parseScoringResult(output: unknown): ScoringResult {
  const { success, data, error } = result.safeParse(output);
  if (success) return data;
  throw new Error(`the execution's output is not the result of a scoring:\n${z.prettifyError(error)}`);
}
