import { LambdaClient } from "@aws-sdk/client-lambda";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { createTelemetry } from "../../lib/util/telemetry";
import { functionInvoker } from "./adapters";
import { createHandler } from "./handler";

const environment = readEnvironment("filter", process.env);
const telemetry = createTelemetry("filter", environment);
const options = clientOptions({ timeoutMs: environment.REQUEST_BUDGET_MS, maxAttempts: 2 });
const invoke = functionInvoker(new LambdaClient(options));

export const handler = createHandler({ environment, telemetry, invoke });
