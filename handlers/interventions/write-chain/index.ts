import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { readEnvironment } from "../../../contracts/environment";
import { clientOptions } from "../../lib/aws/clients";
import { eventPutter } from "../../lib/aws/event-bus";
import { parameterReader } from "../../lib/aws/parameter";
import { messagePostponer, queueSender } from "../../lib/aws/queues";
import { secretReader } from "../../lib/aws/secrets";
import { deadLettersOf } from "../../lib/deliveries/dead-letters";
import { createTelemetry } from "../../lib/util/telemetry";
import { accountOf, kmsKey } from "./account";
import { createHandler } from "./handler";
import { chainNode } from "./node";
import { signerStore } from "./store";
import { writerOf } from "./writer";

const environment = readEnvironment("write-chain", process.env);
const telemetry = createTelemetry("write-chain", environment);
const options = clientOptions({ timeoutMs: 3_000, maxAttempts: 3 });
// The client's own endpoint counts, not the host of a queue's URL, which an emulator does not have.
const sqs = new SQSClient({ ...options, useQueueUrlAsEndpoint: false });
const kms = new KMSClient(options);
const dynamodb = new DynamoDBClient(options);

/** Milliseconds that a node has for an answer. */
const NODE_TIMEOUT_MS = 5_000;

export const handler = createHandler({
  environment,
  telemetry,
  writerOf: writerOf({
    parameter: parameterReader(new SSMClient(options)),
    secret: secretReader(new SecretsManagerClient(options)),
    account: (key) => accountOf(kmsKey(kms, key)),
    node: (url, contract) => chainNode(url, contract, NODE_TIMEOUT_MS),
    store: (signer) => signerStore(dynamodb, environment.CHAIN_TABLE, signer),
  }),
  deadLetters: deadLettersOf({
    telemetry,
    send: queueSender(() => sqs),
    putEvents: eventPutter(new EventBridgeClient(options), environment.EVENT_BUS, ({ kind, message }) =>
      telemetry.warn("the bus did not take an event", { kind, reason: message }),
    ),
    now: Date.now,
  }),
  postpone: messagePostponer(sqs),
  now: Date.now,
  sleep,
  timeout: (ms) => AbortSignal.timeout(ms),
  chance: Math.random,
});
