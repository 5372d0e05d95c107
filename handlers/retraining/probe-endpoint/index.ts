import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { endpointPorts } from "../../lib/aws/endpoint";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler } from "./handler";

const environment = readEnvironment("probe-endpoint", process.env);
const telemetry = createTelemetry("probe-endpoint", environment);
const options = clientOptions({ timeoutMs: environment.ENDPOINT_TIMEOUT_MS, maxAttempts: 1 });
const endpoints = endpointPorts(new SageMakerRuntimeClient(options));

export const handler = createHandler({ environment, telemetry, endpoints });
