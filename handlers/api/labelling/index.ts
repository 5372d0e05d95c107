import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SFNClient } from "@aws-sdk/client-sfn";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { executionResumer } from "../../lib/aws/execution";
import { createLabelStore } from "../../lib/labelling/store";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("labelling", process.env);
const telemetry = createTelemetry("labelling", environment);
const options = clientOptions({ timeoutMs: 2_000, maxAttempts: 3 });
const store = createLabelStore(new DynamoDBClient(options), environment.LABEL_TABLE);

export const handler = createHandler({ telemetry, store, resume: executionResumer(new SFNClient(options)) });
