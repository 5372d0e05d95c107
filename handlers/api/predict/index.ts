import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { endpointPorts } from "../../lib/aws/endpoint";
import { eventPutter } from "../../lib/aws/event-bus";
import { eventSender } from "../../lib/aws/event-queue";
import { parameterReader } from "../../lib/aws/parameter";
import { marketingTable } from "../../lib/interventions/marketing-table";
import { assessmentTable } from "../../lib/predictions/assessment-table";
import type { CallFailure } from "../../lib/util/failure";
import { createTelemetry } from "../../lib/util/telemetry";
import { recordPutter } from "./adapters";
import { CAPTURE_BUDGET_MS } from "./capture";
import { createHandler, historyBudgetMs } from "./handler";
import { CHANNEL_BUDGET_MS } from "./publish";

const environment = readEnvironment("predict", process.env);
const telemetry = createTelemetry("predict", environment);
const eventOptions = clientOptions({ timeoutMs: CHANNEL_BUDGET_MS, maxAttempts: 1 });
const clients = {
  // Retried by the code around it, which knows the budget.
  endpoints: new SageMakerRuntimeClient(clientOptions({ timeoutMs: environment.ENDPOINT_TIMEOUT_MS, maxAttempts: 1 })),
  parameters: new SSMClient(clientOptions({ timeoutMs: 800, maxAttempts: 3 })),
  streams: new FirehoseClient(clientOptions({ timeoutMs: CAPTURE_BUDGET_MS, maxAttempts: 2 })),
  history: new DynamoDBClient(clientOptions({ timeoutMs: historyBudgetMs(environment), maxAttempts: 2 })),
  bus: new EventBridgeClient(eventOptions),
  // The queue's address names it; whom to ask is for the client to know, as with every service.
  queue: new SQSClient({ ...eventOptions, useQueueUrlAsEndpoint: false }),
};
const untaken =
  (channel: string) =>
  ({ kind, message }: CallFailure) =>
    telemetry.warn("a channel did not take events", { channel, kind, reason: message });

export const handler = createHandler({
  environment,
  telemetry,
  endpoints: endpointPorts(clients.endpoints),
  parameter: parameterReader(clients.parameters),
  put: recordPutter(clients.streams),
  history: {
    ...assessmentTable(clients.history, environment.ASSESSMENT_TABLE),
    standings: marketingTable(clients.history, environment.PLAYER_TABLE),
  },
  channels: [
    eventPutter(clients.bus, environment.EVENT_BUS, untaken("bus")),
    eventSender(clients.queue, environment.UNPUBLISHED_QUEUE, untaken("queue")),
  ],
  now: Date.now,
});
