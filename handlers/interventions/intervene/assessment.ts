import { knows } from "../../../catalogue/datasets/knows";
import type { AssessedPrediction, Assessment } from "../../../catalogue/interventions/evidence";
import { atOrAbove, type Risk } from "../../../catalogue/risk/risk";
import type { EventDetail } from "../../../contracts/events";
import { INITIAL_VERSION } from "../../../contracts/serving-record";

/** Bytes of the reasons, and of a whole assessment: a hundred of the latter are kept in one item of 400 kB. */
const REASONS_BYTES = 1_000;
const MOST_BYTES = 3_000;

/** Makes evidence of an event. Throws for one that is too large to be kept. */
export function toAssessment({
  id,
  asOf,
  dataset,
  predictions,
  percentile,
}: EventDetail<"PlayerAssessed">): Assessment {
  const risk = mostSevere(predictions.flatMap(({ riskGroup }) => riskGroup ?? []));
  const reasons = new Set(predictions.flatMap((each) => (each.riskGroup === risk ? each.reasons : [])));
  const assessment: Assessment = {
    ...{ kind: "assessment", id, at: new Date(asOf).toISOString(), risk, knows: knows(dataset) },
    reasons: within(REASONS_BYTES, [...reasons]),
    predictions: predictions.map(
      ({ predictionId, model, modelVersion, score, riskGroup, suppressed }): AssessedPrediction => ({
        ...{ id: predictionId, model, modelVersion },
        ...(score !== undefined && !suppressed && { score }),
        ...(riskGroup && { risk: riskGroup }),
      }),
    ),
    version: predictions.reduce((newest, { modelVersion }) => {
      const version = modelVersion === INITIAL_VERSION ? "" : modelVersion;
      return version > newest ? version : newest;
    }, ""),
    ...(percentile !== undefined && { percentile }),
  };
  const bytes = Buffer.byteLength(JSON.stringify(assessment));
  if (bytes > MOST_BYTES) throw new RangeError(`an assessment of ${bytes} bytes cannot be kept`);
  return assessment;
}

const mostSevere = (risks: readonly Risk[]): Risk =>
  risks.reduce<Risk>((most, risk) => {
    if (risk === "unknown") return most;
    return most === "unknown" || atOrAbove(risk, most) ? risk : most;
  }, "unknown");

/** The first of the texts, as many as fit into so many bytes. */
function within(limit: number, texts: readonly string[]): readonly string[] {
  let bytes = 0;
  const end = texts.findIndex((text) => {
    bytes += Buffer.byteLength(text);
    return bytes > limit;
  });
  return end < 0 ? texts : texts.slice(0, end);
}
