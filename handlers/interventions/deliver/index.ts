import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { eventPutter } from "../../lib/aws/event-bus";
import { parameterReader } from "../../lib/aws/parameter";
import { messagePostponer, queueSender } from "../../lib/aws/queues";
import { deadLettersOf } from "../../lib/deliveries/dead-letters";
import { remembered } from "../../lib/util/remembered";
import { createTelemetry } from "../../lib/util/telemetry";
import { createHandler, FRESH_MS } from "./handler";
import { keyReader } from "./keys";
import { queues } from "./queue";
import { createDeliveryStore } from "./store";
import { webhooks } from "./webhook";

const environment = readEnvironment("deliver", process.env);
const telemetry = createTelemetry("deliver", environment);
const options = clientOptions({ timeoutMs: 3_000, maxAttempts: 3 });
// The client's own endpoint counts, not the host of a queue's URL, which an emulator does not have.
const sqs = { ...options, useQueueUrlAsEndpoint: false };
const ownQueues = new SQSClient(sqs);
const keys = keyReader(new SecretsManagerClient(options));

export const handler = createHandler({
  environment,
  telemetry,
  parameter: parameterReader(new SSMClient(options)),
  adapters: {
    webhook: webhooks({
      reach: environment.WEBHOOK_REACH,
      keys: remembered(keys, FRESH_MS, Date.now),
      connectMs: environment.DELIVERY_RULES.connectSeconds * 1000,
      now: Date.now,
    }),
    queue: queues(queueSender((region) => new SQSClient({ ...sqs, region }))),
  },
  store: createDeliveryStore(new DynamoDBClient(options), environment.DELIVERY_TABLE),
  deadLetters: deadLettersOf({
    telemetry,
    send: queueSender(() => ownQueues),
    putEvents: eventPutter(new EventBridgeClient(options), environment.EVENT_BUS, ({ kind, message }) =>
      telemetry.warn("the bus did not take an event", { kind, reason: message }),
    ),
    now: Date.now,
  }),
  postpone: messagePostponer(ownQueues),
  now: Date.now,
  chance: Math.random,
});
