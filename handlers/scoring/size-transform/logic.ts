import { type TransformCompute, transformComputes } from "../../../catalogue/scoring";
import type { NewestRows, ScoringCounts } from "../../../contracts/scoring-layout";
import { mergeRejections } from "../../lib/records/rejections";

/** Tells how many players there are to score, and where SageMaker may do it. */
export interface SizedScoring {
  readonly players: number;
  /** What became of the records, in words. */
  readonly records: string;
  readonly compute: TransformCompute;
  /** The compute to use when SageMaker has no capacity of `compute`, or the account no quota; in this order. */
  readonly fallbacks: readonly TransformCompute[];
}

/** Reasons that are told of records that cannot be used. */
const REASONS = 3;

const total = <T>(all: readonly T[], of: (each: T) => number): number => all.reduce((sum, each) => sum + of(each), 0);

/**
 * Sizes the batch transform. Throws when more of the records, or of their bytes, than tolerated cannot be used, or an
 * object gives nothing: its players would be forgotten in silence.
 */
export function sizeTransform(
  groups: readonly ScoringCounts[],
  parts: readonly NewestRows[],
  tolerated: number,
): SizedScoring {
  const counts = {
    records: total(groups, ({ records }) => records),
    bytes: total(groups, ({ bytes }) => bytes),
    rejected: total(groups, ({ rejected }) => rejected),
    rejectedBytes: total(groups, ({ rejectedBytes }) => rejectedBytes),
  };
  const { reasons, objects, unusableObjects } = mergeRejections(groups.map(({ rejections }) => rejections));
  const why = [
    ...objects.map(({ key, problem }) => `${key} ${problem}`),
    ...reasons.map(({ reason, lines, key, line }) => `${lines} × "${reason}" (first in ${key}, line ${line})`),
  ].slice(0, REASONS);
  const { records, bytes, rejected, rejectedBytes } = counts;
  const said = `${rejected} of ${records} records cannot be used${why.length > 0 ? `: ${why.join("; ")}` : ""}`;
  if (unusableObjects > 0 || rejected > tolerated * records || rejectedBytes > tolerated * bytes) {
    throw new RangeError(`${said}. Mend or remove them; pipeline.toleratedRejectedShare is ${tolerated}`);
  }
  const [compute, ...fallbacks] = transformComputes(total(parts, ({ bytes }) => bytes));
  return { players: total(parts, ({ rows }) => rows), records: said, compute, fallbacks };
}
