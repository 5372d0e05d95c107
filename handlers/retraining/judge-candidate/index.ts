import { S3Client } from "@aws-sdk/client-s3";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { bucketsOf } from "../../lib/aws/objects";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("judge-candidate", process.env);
const telemetry = createTelemetry("judge-candidate", environment);
const buckets = bucketsOf(new S3Client(clientOptions({ timeoutMs: 10_000, maxAttempts: 5 })));

export const handler = createHandler({ environment, telemetry, buckets });
