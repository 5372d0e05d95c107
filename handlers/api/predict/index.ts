import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SSMClient } from "@aws-sdk/client-ssm";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { endpointPorts } from "../../lib/aws/endpoint";
import { parameterReader } from "../../lib/aws/parameter";
import { createTelemetry } from "../../lib/util/telemetry";
import { assessmentTable, recordPutter } from "./adapters";
import { CAPTURE_BUDGET_MS } from "./capture";
import { createHandler, historyBudgetMs } from "./handler";

const environment = readEnvironment("predict", process.env);
const clients = {
  // Retried by the code around it, which knows the budget.
  endpoints: new SageMakerRuntimeClient(clientOptions({ timeoutMs: environment.ENDPOINT_TIMEOUT_MS, maxAttempts: 1 })),
  parameters: new SSMClient(clientOptions({ timeoutMs: 800, maxAttempts: 3 })),
  streams: new FirehoseClient(clientOptions({ timeoutMs: CAPTURE_BUDGET_MS, maxAttempts: 2 })),
  assessments: new DynamoDBClient(clientOptions({ timeoutMs: historyBudgetMs(environment), maxAttempts: 2 })),
};

export const handler = createHandler({
  environment,
  telemetry: createTelemetry("predict", environment),
  endpoints: endpointPorts(clients.endpoints),
  parameter: parameterReader(clients.parameters),
  put: recordPutter(clients.streams),
  assessments: assessmentTable(clients.assessments, environment.ASSESSMENT_TABLE),
  now: Date.now,
});
