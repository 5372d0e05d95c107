import type { Dataset, RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import { readEnvironment } from "../../../contracts/environment";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("preprocess", process.env);
const telemetry = createTelemetry("preprocess", environment);

/** The handler of `preprocess-<dataset>`: the bundle's entry passes the one dataset that it holds. */
export const handlerOf = <R extends RecordIdentity, N extends string>(dataset: Dataset<R, N>) =>
  createHandler(dataset, { environment, telemetry });
