import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { BatchGetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import {
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import { loadConfig } from "../../../config";
import { keyOf } from "../../../handlers/interventions/deliver/signature";
import { Naming } from "../../../modules/base/naming";
import {
  endPrevious,
  knownDelivery,
  openCircuits,
  redrive,
  rotate,
  type WithDeliveries,
} from "../../../scripts/lib/deliveries";
import { queuesOf } from "../../../scripts/lib/queues";

const region = "eu-west-1";
const queues = mockClient(SQSClient);
const vault = mockClient(SecretsManagerClient);
const dynamo = mockClient(DynamoDBClient);
const metrics = mockClient(CloudWatchClient);
const naming = new Naming(loadConfig("local"));
const environment = {
  naming,
  sqs: new SQSClient({ region }),
  secrets: new SecretsManagerClient({ region }),
  dynamodb: new DynamoDBClient({ region }),
  cloudwatch: new CloudWatchClient({ region }),
  pollMs: 0,
};
beforeEach(() => [queues, vault, dynamo, metrics].map((mock) => mock.reset()));

const config: WithDeliveries = {
  operators: {
    "operator-a": {
      deliveries: [
        { name: "wallet", kind: "webhook" },
        { name: "crm", kind: "queue" },
      ],
    },
    "operator.b": { deliveries: [{ name: "wallet", kind: "webhook" }] },
    "operator-c": { deliveries: [] },
  },
};
const wallet = knownDelivery(config, "operator-a", "wallet");
const DEAD = "arn:aws:sqs:eu-west-1:000000000000:vwt-local-delivery-operator-a_wallet-dead";
const depth = (waiting: string, postponed = "0") => ({
  Attributes: { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: postponed },
});

test("a delivery that there is not is answered with those that there are", () => {
  expect(wallet).toEqual({ operatorId: "operator-a", name: "wallet", kind: "webhook" });
  expect(() => knownDelivery(config, "operator-a", "walet")).toThrow(
    'operator-a has no delivery "walet". It has wallet, crm.',
  );
  expect(() => knownDelivery(config, "operator-c", "wallet")).toThrow(
    'No operator "operator-c" has a delivery. These have: operator-a, operator.b.',
  );
  expect(() => knownDelivery({ operators: {} }, "o", "wallet")).toThrow("These have: none.");
});

describe("redrive", () => {
  test("has SQS move the dead letters, and tells how many", async () => {
    queues.on(GetQueueAttributesCommand).resolves(depth("3"));
    queues.on(StartMessageMoveTaskCommand).resolves({ TaskHandle: "task" });
    queues
      .on(ListMessageMoveTasksCommand)
      .resolvesOnce({ Results: [{ Status: "RUNNING" }] })
      .resolves({ Results: [{ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 3 }] });
    expect(await redrive(environment, wallet)).toBe(3);
    expect(queues.commandCalls(StartMessageMoveTaskCommand).map(({ args }) => args[0].input)).toEqual([
      { SourceArn: DEAD, DestinationArn: DEAD.replace(/-dead$/, "") },
    ]);
  });

  test("says when there is nothing, when it is under way, and what SQS says", async () => {
    queues.on(GetQueueAttributesCommand).resolves(depth("0"));
    await expect(redrive(environment, wallet)).rejects.toThrow(
      "operator-a/wallet has no dead letters, so there is nothing to redrive.",
    );
    queues.on(GetQueueAttributesCommand).resolves(depth("1"));
    queues.on(StartMessageMoveTaskCommand).rejects(new Error("There is already a task running. Only one …"));
    await expect(redrive(environment, wallet)).rejects.toThrow("operator-a/wallet is being redriven already");
    queues.on(StartMessageMoveTaskCommand).resolves({});
    queues.on(ListMessageMoveTasksCommand).resolves({ Results: [{ Status: "FAILED", FailureReason: "AccessDenied" }] });
    await expect(redrive(environment, wallet)).rejects.toThrow("SQS could not redrive: AccessDenied.");
  });

  test("leaves a task that takes long to SQS", async () => {
    queues.on(GetQueueAttributesCommand).resolves(depth("1"));
    queues.on(StartMessageMoveTaskCommand).resolves({});
    queues.on(ListMessageMoveTasksCommand).resolves({ Results: [{ Status: "RUNNING" }] });
    expect(await redrive(environment, wallet)).toBeUndefined();
  });
});

describe("rotate", () => {
  const SecretId = "/vwt/local/deliveries/vwt-local-delivery-operator-a_wallet";
  const has = (...labels: readonly (readonly string[])[]) =>
    vault.on(ListSecretVersionIdsCommand).resolves({
      Versions: labels.map((VersionStages, index) => ({ VersionId: `v${index}`, VersionStages: [...VersionStages] })),
    });

  test("makes a secret that a message can be signed with, and keeps Terraform's version", async () => {
    has(["AWSCURRENT"]);
    const secret = await rotate(environment, wallet);
    expect(keyOf(secret)).toHaveLength(32);
    expect(vault.calls().map(({ args }) => args[0].input)).toEqual([
      { SecretId },
      { SecretId, VersionStage: "FIRST", MoveToVersionId: "v0" },
      { SecretId, SecretString: secret },
    ]);
    vault.resetHistory();
    has(["FIRST"], ["AWSCURRENT"]);
    expect(await rotate(environment, wallet)).not.toBe(secret);
    expect(vault.commandCalls(UpdateSecretVersionStageCommand)).toEqual([]);
  });

  test("makes no third, and ends the second", async () => {
    has(["FIRST", "AWSPREVIOUS"], ["AWSCURRENT"]);
    await expect(rotate(environment, wallet)).rejects.toThrow(
      "operator-a/wallet has two secrets, and a third would end one that the receiver may still go by. " +
        "End it first: npm run rotate -- operator-a wallet --end",
    );
    expect(vault.commandCalls(PutSecretValueCommand)).toEqual([]);
    await endPrevious(environment, wallet);
    expect(vault.commandCalls(UpdateSecretVersionStageCommand).map(({ args }) => args[0].input)).toEqual([
      { SecretId, VersionStage: "AWSPREVIOUS", RemoveFromVersionId: "v0" },
    ]);
    has(["FIRST"], ["AWSCURRENT"]);
    await expect(endPrevious(environment, wallet)).rejects.toThrow("has one secret only");
  });

  test("is for webhooks", async () => {
    await expect(rotate(environment, knownDelivery(config, "operator-a", "crm"))).rejects.toThrow(
      "operator-a/crm is a queue, and only webhooks have secrets.",
    );
  });
});

test("status tells of deliveries that are left alone", async () => {
  dynamo.on(BatchGetItemCommand).resolves({
    Responses: {
      "vwt-local-deliveries": [
        { item: { S: "operator-a/wallet" }, failures: { N: "5" }, openUntil: { N: "1764115200000" } },
        { item: { S: "operator-a/crm" }, failures: { N: "2" } },
      ],
    },
  });
  expect(await openCircuits(environment, config)).toEqual([{ ...wallet, failures: 5, until: new Date(1764115200000) }]);
  expect(await openCircuits(environment, { operators: {} })).toEqual([]);
});

test("status tells of every queue of the environment how many messages it has, and how old they are", async () => {
  const url = (name: string) => `https://sqs.eu-west-1.amazonaws.com/000000000000/vwt-local-${name}`;
  queues.on(ListQueuesCommand).resolves({ QueueUrls: [url("delivery-operator-a_wallet"), url("assessments")] });
  queues.on(GetQueueAttributesCommand).resolves(depth("0"));
  queues.on(GetQueueAttributesCommand, { QueueUrl: url("delivery-operator-a_wallet") }).resolves(depth("2", "5"));
  const now = new Date("2026-11-26T10:00:00Z");
  const point = (minute: string, Maximum: number) => ({ Timestamp: new Date(`2026-11-26T09:${minute}:00Z`), Maximum });
  metrics.on(GetMetricStatisticsCommand).resolves({ Datapoints: [] });
  metrics
    .on(GetMetricStatisticsCommand, {
      Dimensions: [{ Name: "QueueName", Value: "vwt-local-delivery-operator-a_wallet" }],
    })
    .resolves({ Datapoints: [point("57", 7), point("59", 127), point("58", 67)] });
  expect(await queuesOf(environment, now)).toEqual([
    { name: "assessments", waiting: 0, underWay: 0 },
    { name: "delivery-operator-a_wallet", waiting: 2, underWay: 5, age: 127 },
  ]);
  expect(queues.commandCalls(ListQueuesCommand)[0]?.args[0].input).toMatchObject({ QueueNamePrefix: "vwt-local-" });
});
