import type { Dataset, RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import { models } from "../../../catalogue/models";
import type { Settings } from "../../../contracts/environment";
import { parseInput } from "../../../contracts/inputs";
import type { Buckets } from "../../lib/aws/objects";
import type { LambdaContext } from "../../lib/http/api-gateway";
import { recordReader } from "../../lib/records/records";
import { lacksOf } from "../../lib/records/rows";
import { entryOf, moneyOf } from "../../lib/util/environment";
import { refuseLate } from "../../lib/util/late";
import type { Telemetry } from "../../lib/util/telemetry";
import { extractFeatures, scoringLineReader } from "./logic";

export interface ExtractFeaturesDeps {
  readonly environment: Settings<"extract-features">;
  readonly telemetry: Telemetry;
  readonly buckets: Buckets;
}

/** Makes the features of a group of objects with a dataset's records, in parts by player. */
export function createHandler<R extends RecordIdentity, N extends string>(
  dataset: Dataset<R, N>,
  { environment, telemetry, buckets }: ExtractFeaturesDeps,
) {
  const readLine = scoringLineReader(recordReader(dataset, moneyOf(environment)), lacksOf(dataset, models));

  return async (given: unknown, context: LambdaContext): Promise<void> => {
    const input = parseInput("extract-features", given);
    if (input.dataset !== dataset.name) throw new Error(`${input.dataset} is not ${dataset.name}`);
    const { open, put } = buckets(entryOf(environment, "DATA_BUCKETS", dataset.name));
    const { records, rejected } = await extractFeatures(input, open, readLine, put, {
      beforeChunk: refuseLate(
        context,
        (key) => `${key} is too large for one run of the function; split it into smaller objects`,
      ),
    });
    const { runId, keys } = input;
    telemetry.info("extracted", { dataset: dataset.name, runId, objects: keys.length, records, rejected });
  };
}
