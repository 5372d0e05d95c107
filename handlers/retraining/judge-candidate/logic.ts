import type { Evaluation, GateVerdict } from "../../../catalogue/training/gate";
import { RUN_FILES, type RunPath, runKey } from "../../../contracts/run-layout";

export interface GateResult extends GateVerdict {
  /** The evaluation's headline numbers as texts, by dotted name: the model registry takes no others. */
  readonly metrics: Readonly<Record<string, string>>;
  /** The same of the champion on the same rows; empty where it could not be scored on them. */
  readonly championMetrics: Readonly<Record<string, string>>;
  /** `s3://…` */
  readonly evaluation: string;
  readonly report: string;
}

export function result(
  bucket: string,
  runId: string,
  verdict: GateVerdict,
  { candidate, champion }: Evaluation,
): GateResult {
  const uri = (file: RunPath) => `s3://${bucket}/${runKey(runId, file)}`;
  return {
    ...verdict,
    metrics: Object.fromEntries(headlines(candidate.metrics)),
    championMetrics: Object.fromEntries(champion !== null && "metrics" in champion ? headlines(champion.metrics) : []),
    evaluation: uri(RUN_FILES.evaluation),
    report: uri(RUN_FILES.evaluationReport),
  };
}

/** Numbers by dotted name; curves and tables are lists. */
function headlines(metrics: object, prefix = ""): [string, string][] {
  return Object.entries(metrics).flatMap(([name, value]): [string, string][] => {
    if (typeof value === "number") return [[`${prefix}${name}`, String(Number(value.toPrecision(6)))]];
    const nested = typeof value === "object" && value !== null && !Array.isArray(value);
    return nested ? headlines(value, `${prefix}${name}.`) : [];
  });
}
