import { S3Client } from "@aws-sdk/client-s3";
import type { Dataset, RecordIdentity } from "../../../catalogue/datasets/kit/dataset";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { bucketsOf } from "../../lib/aws/objects";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("extract-features", process.env);
const telemetry = createTelemetry("extract-features", environment);
const client = new S3Client({
  // Many small objects, read by many groups side by side, are more requests than S3 takes of one prefix at first.
  ...clientOptions({ timeoutMs: 60_000, maxAttempts: 10 }),
  // TLS guards the transfer; the checksum of gigabytes in JavaScript would cost more than reading them.
  responseChecksumValidation: "WHEN_REQUIRED",
});

/** The handler of `extract-features-<dataset>`: the bundle's entry passes the one dataset that it holds. */
export const handlerOf = <R extends RecordIdentity, N extends string>(dataset: Dataset<R, N>) =>
  createHandler(dataset, { environment, telemetry, buckets: bucketsOf(client) });
