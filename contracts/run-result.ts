import { z } from "zod";
import { LABELLING_MODES } from "../catalogue/labelling/modes";
import { bySplit } from "./run-layout";

/** Ends of the run of one model. */
export const RUN_STATUSES = ["Skipped", "Promoted", "Rejected", "RolledBack", "Failed"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

const count = z.number();
const figures = z.record(z.string(), z.string());

const automaticLabels = z.object({ labelled: count, estimatedPrecision: z.number().nullable() });

/** The way in which a run's labels came about. */
const labels = z.object({
  mode: z.enum(LABELLING_MODES),
  reason: z.string(),
  /** Rows by where their label comes from; those that a model or people labelled in this run are counted below. */
  sources: z.record(z.string(), count),
  automatic: z.object({ positive: automaticLabels, negative: automaticLabels, notUsed: count }).exactOptional(),
  people: z
    .object({ asked: count, open: count, agreed: count.exactOptional(), disputed: count.exactOptional() })
    .exactOptional(),
});

/** The result of a run of one model, as the main state machine tells it. The status decides which fields there are. */
const modelRun = z.object({
  model: z.string(),
  status: z.enum(RUN_STATUSES),
  modelVersion: z.string().exactOptional(),
  /** The version that served before. */
  champion: z.string().exactOptional(),
  /** The data that the plan found, in words. */
  planned: z.string().exactOptional(),
  /** The most that training could cost, in US dollars. */
  maximumCostInUsd: z.number().exactOptional(),
  compute: z.object({ instanceType: z.string(), instanceCount: count }).exactOptional(),
  /** Rows by split, and counts of records that became none. */
  rows: z
    .object({
      ...bySplit(() => count),
      outOfTime: count,
      unlabelled: count,
      unused: count,
      duplicates: count,
      rejected: count,
      lines: count,
    })
    .exactOptional(),
  /** What became of the records, in words. */
  records: z.string().exactOptional(),
  labels: labels.exactOptional(),
  /** Why the run ended so. */
  reason: z.string().exactOptional(),
  /** Headline numbers of the evaluation, by dotted name; and those of the champion on the same rows. */
  metrics: figures.exactOptional(),
  championMetrics: figures.exactOptional(),
  /** `s3://…/report.html` */
  report: z.string().exactOptional(),
  /** ARN in the model registry. */
  modelPackage: z.string().exactOptional(),
  /** Where a failed run failed, and how. */
  step: z.string().exactOptional(),
  error: z.string().exactOptional(),
  cause: z.string().exactOptional(),
  /** What was wrong with the serving record, when the run corrected it. */
  corrected: z.string().exactOptional(),
});

export type ModelRun = Readonly<z.infer<typeof modelRun>>;
export type Labels = NonNullable<ModelRun["labels"]>;

/** A status, and expressions for the other fields, from which the state machine makes a result. */
export type RunExpressions = { readonly status: RunStatus } & {
  readonly [Field in Exclude<keyof ModelRun, "status">]?: string;
};

/**
 * Reads the output of an execution: the results of all models that it was asked for.
 *
 * @throws Error that says which field is not as it must be.
 */
export function parseRunResults(output: unknown): readonly ModelRun[] {
  const { success, data, error } = z.array(modelRun).safeParse(output);
  if (success) return data;
  throw new Error(`the execution's output is not a list of models' results:\n${z.prettifyError(error)}`);
}
