import type { Dataset } from "../../../catalogue/datasets/kit/dataset";
import { ONE_CURRENCY } from "../../../catalogue/datasets/kit/money";
import type { Model } from "../../../catalogue/models";
import { isScore } from "../../../catalogue/targets";
import type { Row } from "../../../contracts/request-path";
import { recordReader } from "../../lib/records/records";

/** Rows of synthetic players: the traffic must not depend on anybody's data. */
export function probeRows(dataset: Dataset, players = 20): Row[] {
  const reader = recordReader(dataset, ONE_CURRENCY);
  const generated = dataset.generate({ seed: 1, players, now: "2026-11-01T00:00:00Z" });
  return [...generated].map(({ record: { outcome: _, ...record } }, index) => ({
    index,
    playerId: record.playerId,
    operatorId: record.operatorId,
    asOf: record.asOf,
    features: reader.features(record).vector,
    markers: [],
  }));
}

/** Throws with the first answer that is no score of the model's target; predict refuses the same. */
export function assertPlausible({ name, target }: Model, scores: readonly number[]): void {
  const odd = scores.find((score) => !isScore(score, target));
  if (odd !== undefined) throw new RangeError(`the endpoint of ${name} answered the score ${odd}`);
}
