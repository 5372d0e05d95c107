import type { Dataset, RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import type { Model } from "../../../catalogue/models";
import type { Lacks, Row } from "../../../contracts/request-path";
import type { RecordReader } from "./records";

/** Finds what a record lacks of the needs of its dataset's models; `undefined` when it lacks nothing, as most records do. */
export type LacksOf<R extends RecordIdentity> = (record: R) => Lacks | undefined;

/** Makes the function that holds a dataset's records against the needs of its models. */
export function lacksOf<R extends RecordIdentity, N extends string>(
  dataset: Dataset<R, N>,
  models: readonly Model[],
): LacksOf<R> {
  const own = models.filter((model) => model.dataset === dataset.name);
  return (record) => {
    const found = own
      .map(({ name, needs }) => [name, dataset.lacking(record, needs)] as const)
      .filter(([, lacks]) => lacks.length > 0);
    return found.length > 0 ? Object.fromEntries(found) : undefined;
  };
}

/** Makes the row of a record that `check` accepts. */
export function toRow<R extends RecordIdentity>(
  reader: RecordReader<R>,
  lacksOf: LacksOf<R>,
  index: number,
  record: R,
): Row {
  const { vector, markers } = reader.features(record);
  const { playerId, operatorId, asOf } = record;
  const lacks = lacksOf(record);
  return {
    index,
    playerId,
    operatorId,
    asOf,
    features: vector,
    markers: markers(),
    amounts: reader.currency(record),
    ...(lacks && { lacks }),
  };
}
