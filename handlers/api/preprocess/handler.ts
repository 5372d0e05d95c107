import { type Dataset, featureHash, type RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import { models } from "../../../catalogue/models";
import type { Settings } from "../../../contracts/environment";
import type { PreprocessReply, PreprocessRequest } from "../../../contracts/request-path";
import { recordReader } from "../../lib/records/records";
import { lacksOf } from "../../lib/records/rows";
import { moneyOf } from "../../lib/util/environment";
import type { Telemetry } from "../../lib/util/telemetry";
import { preprocess } from "./logic";

export interface PreprocessDeps {
  readonly environment: Settings<"preprocess">;
  readonly telemetry: Telemetry;
}

/** Checks a dataset's records and makes their features. */
export function createHandler<R extends RecordIdentity, N extends string>(
  dataset: Dataset<R, N>,
  { environment, telemetry }: PreprocessDeps,
) {
  const reader = recordReader(dataset, moneyOf(environment));
  const hash = featureHash(dataset);
  const lacks = lacksOf(dataset, models);

  return async ({ requestId, records }: PreprocessRequest): Promise<PreprocessReply> => {
    const { rows, errors, failures } = preprocess(reader, lacks, records);
    const accepted = rows.length;
    const rejected = records.length - accepted;
    for (const failure of failures) {
      telemetry.error("a record could not be processed", { requestId, dataset: dataset.name, error: failure });
    }
    telemetry.info("preprocessed", { requestId, dataset: dataset.name, accepted, rejected });
    telemetry.measure("dataset", dataset.name, { RecordsAccepted: accepted, RecordsRejected: rejected });
    return { featureHash: hash, rows, errors };
  };
}
