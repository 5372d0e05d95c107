import { assessmentId, type BusEvent } from "../../../contracts/bus";
import type { EventDetail } from "../../../contracts/events";
import type { Prediction } from "../../../contracts/request-path";

/** Makes the event of one record from all its predictions. A score that is suppressed in an answer is so in the event. */
export function playerAssessed(
  [first, ...others]: readonly [Prediction, ...Prediction[]],
  at: Date,
): BusEvent<"PlayerAssessed"> {
  const { operatorId, playerId, dataset, asOf } = first;
  const predictions = [first, ...others];
  return {
    name: "PlayerAssessed",
    detail: {
      version: 1,
      id: assessmentId(predictions.map(({ predictionId }) => predictionId)),
      at: at.toISOString(),
      ...{ operatorId, playerId, dataset, asOf },
      predictions: predictions.map(told),
    },
  };
}

type Told = EventDetail<"PlayerAssessed">["predictions"][number];

/** The part of a prediction that its record does not say. */
function told({
  index: _,
  playerId,
  operatorId,
  dataset,
  asOf,
  featureHash,
  recorded,
  ...prediction
}: Prediction): Told {
  const { reasons, missing, suppressed, ...others } = prediction;
  return {
    ...others,
    reasons: [...reasons],
    ...(missing && { missing: [...missing] }),
    ...(suppressed && {
      suppressed: { reason: suppressed.reason, ...(suppressed.missing && { missing: [...suppressed.missing] }) },
    }),
  };
}
