import type { RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import type { Model } from "../../../catalogue/models";
import type { RecordReader } from "../../lib/records/records";

/** Reads the records of one model, which needs some of what they may leave out: without it nobody is judged. */
export interface ModelReader<R extends RecordIdentity = RecordIdentity> extends Omit<RecordReader<R>, "lacking"> {
  /** Names what a record lacks of what the model needs. */
  readonly lacks: (record: R) => readonly string[];
}

/** Makes the reader of a model's records, whose omissions are of nothing that the model needs. */
export const modelReader = <R extends RecordIdentity>(
  { needs }: Pick<Model, "needs">,
  { lacking, omissions, ...reader }: RecordReader<R>,
): ModelReader<R> => ({
  ...reader,
  omissions: omissions.filter(({ name }) => !needs.groups.includes(name)),
  lacks: (record) => lacking(record, needs),
});
