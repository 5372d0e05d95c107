import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { getAddress } from "viem";
import { verify } from "../../catalogue/interventions/audit";
import type { RiskGroup } from "../../catalogue/risk/risk";
import { compare } from "../../chain/compare";
import { chosenRules } from "../../config/schema/operators";
import type { EventDetail } from "../../contracts/events";
import type { Prediction } from "../../contracts/request-path";
import { eventPutter } from "../../handlers/lib/aws/event-bus";
import { createAuditLog } from "../../handlers/lib/interventions/audit-log";
import { operatorRules } from "../../handlers/lib/interventions/rules";
import { deadLettersOf, deliveryName, Naming } from "../../modules/base/naming";
import { type Anvil, startAnvil } from "../../scripts/lib/anvil";
import { nodeOf, recordsOf } from "../../scripts/lib/chain";
import {
  type Audited,
  type ChainDelivery,
  chainsOf,
  decisionsOf,
  prepareChains,
  saltOf,
} from "../../scripts/lib/chain-deliveries";
import { knownDelivery, redrive } from "../../scripts/lib/deliveries";
import { depthOf } from "../../scripts/lib/queues";
import { sampleBatch } from "../../scripts/lib/sample-data";
import { apiAccess, emulatorSettings, type System, systemOutputs } from "../../scripts/lib/system";
import { type Receiver, startReceiver } from "./setup/receiver";
import { trained } from "./setup/serving";
import { eventually, testSystem, type Wallet, wallet } from "./setup/system";

const BEHAVIOUR = "gambling-behaviour-problem-gambling";
const PLAYER = "whole-way";
const OPERATORS = ["operator-a", "operator-b", "operator-c"] as const;

let system: System;
let audited: Audited;
let sqs: SQSClient;
let receiver: Receiver;
let anvil: Anvil;
let delivery: ChainDelivery;
let settings: ReturnType<typeof emulatorSettings>;
let operatorsQueue = "";
let client: Wallet;
let at = "";

beforeAll(async () => {
  system = await testSystem();
  const { config, emulator } = system;
  settings = emulatorSettings(emulator, config);
  const naming = new Naming(config);
  audited = {
    ...{ config, naming, kms: new KMSClient(settings), secrets: new SecretsManagerClient(settings) },
    dynamodb: new DynamoDBClient(settings),
  };
  sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const [webhook] = config.operators["operator-a"]?.deliveries ?? [];
  const [queue] = config.operators["operator-b"]?.deliveries ?? [];
  if (webhook?.kind !== "webhook" || queue?.kind !== "queue") throw new Error("config/local.ts has other deliveries");
  receiver = await startReceiver(Number(new URL(webhook.url).port));
  const name = queue.queueArn.split(":").at(-1) ?? "";
  await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { FifoQueue: "true" } }));
  operatorsQueue = naming.queueUrl(name);
  anvil = await startAnvil();
  await prepareChains(audited, anvil.url);
  [delivery] = chainsOf(config, "operator-c") as [ChainDelivery];
  await trained(system, BEHAVIOUR);
  client = await wallet(system);
  at = `${emulator.url}/_aws/execute-api/${systemOutputs(system).api?.["rest-api-id"]}/${config.api.stage}`;
});
afterAll(async () => {
  await receiver.close();
  await anvil.stop();
});

interface Held {
  readonly level: number;
  readonly restrictions: object;
}

async function held(operatorId: string): Promise<Held> {
  const { key } = await apiAccess(system, "sample-wallet");
  const response = await fetch(`${at}/players/${PLAYER}/restrictions?operator=${operatorId}`, {
    headers: { "x-api-key": key },
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Held;
}

const decision = (sequence: number): EventDetail<"InterventionDecided"> => ({
  version: 1,
  id: sequence.toString(16).padStart(32, "0"),
  at: "2026-11-26T19:00:00.000Z",
  operatorId: "operator-c",
  playerId: `player-${sequence}`,
  sequence: 1,
  cause: "assessment",
  level: 2,
  previousLevel: 0,
  restrictions: { bonusStop: true },
  since: "2026-11-26T19:00:00.000Z",
  reasons: [],
  assessments: ["f".repeat(32)],
  policy: { name: "cautious", version: 1 },
  audit: { sequence, hash: sequence.toString(16).padStart(64, "0") },
});

test("decisions are on the chain once, whoever sends them how often, signed by a key of KMS", async () => {
  const publish = eventPutter(new EventBridgeClient(settings), audited.naming.of("bus", "events"));
  const decisions = [decision(1), decision(2), decision(3)];
  const events = decisions.map((detail) => ({ name: "InterventionDecided" as const, detail }));
  expect(await publish([...events, ...events])).toEqual([]);
  const own = new Set<string>(decisions.map(({ audit }) => `0x${audit.hash}`));
  const recorded = await eventually(async () => {
    const all = await recordsOf(nodeOf(anvil.url), getAddress(delivery.contract), "operator-c", 1);
    // Predictions of other tests have led to others.
    const records = all.filter(({ auditHash }) => own.has(auditHash));
    return records.length >= decisions.length && records;
  });
  const salt = await saltOf(audited, delivery);
  expect(compare(decisions, recorded, salt)).toEqual({ same: 3, forgotten: 0, differences: [] });
  expect(recorded).toHaveLength(3);
});

test("one batch leads to what each operator's policy says, on record, and to each operator in its own way, once", async () => {
  const batch = sampleBatch();
  const answered = (await client.send({ records: batch })).body as { predictions: Prediction[] };
  const risky = answered.predictions.find(
    ({ model, riskGroup = "low" }) => model === BEHAVIOUR && ["high", "severe"].includes(riskGroup),
  );
  const records = OPERATORS.map((operatorId) => ({
    ...(batch[risky?.index ?? 0] as object),
    operatorId,
    playerId: PLAYER,
  }));
  // Twice, as a wallet sends that heard no answer.
  for (const sent of [await client.send({ records }), await client.send({ records })]) {
    const { predictions } = sent.body as { predictions: Prediction[] };
    expect(predictions.filter(({ recorded }) => recorded === false)).toEqual([]);
    expect(predictions.filter(({ model }) => model === BEHAVIOUR).map(({ riskGroup }) => riskGroup)).toEqual(
      OPERATORS.map(() => risky?.riskGroup),
    );
  }

  const rulesOf = operatorRules(new Map(Object.entries(chosenRules(system.config.operators))));
  for (const operatorId of OPERATORS) {
    const { levels, groups } = rulesOf(operatorId).policy;
    const level = groups[risky?.riskGroup as RiskGroup];
    const { restrictions } = await eventually(async () => {
      const now = await held(operatorId);
      return now.level === level && now;
    });
    expect([operatorId, restrictions]).toEqual([operatorId, levels[level]?.restrictions]);
  }

  const bodies = () => receiver.calls.filter(({ status = 500 }) => status < 300).map(({ body }) => JSON.parse(body));
  const isOfPlayer = ({ data }: { data: { playerId: string } }) => data.playerId === PLAYER;
  await eventually(async () => bodies().some(isOfPlayer));
  const inQueue: { data: { playerId: string } }[] = [];
  await eventually(async () => {
    const receive = { QueueUrl: operatorsQueue, MaxNumberOfMessages: 10, VisibilityTimeout: 60 };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(receive));
    inQueue.push(...Messages.map(({ Body = "{}" }) => JSON.parse(Body)));
    return inQueue.some(isOfPlayer);
  });
  const salt = await saltOf(audited, delivery);
  // Other tests have decided about others, while there was no chain.
  const decisions = async () =>
    (await decisionsOf(audited, "operator-c")).filter(({ playerId }) => playerId === PLAYER);
  const { naming, dynamodb } = audited;
  const toChain = knownDelivery(system.config, "operator-c", delivery.name);
  const dead = naming.queueUrl(naming.of("queue", deadLettersOf(deliveryName(toChain))));
  const compared = await eventually(async () => {
    // While there was no chain, decisions of other tests became dead letters.
    if ((await depthOf(sqs, dead)).waiting > 0) await redrive({ sqs, naming, pollMs: 100 }, toChain);
    const records = await recordsOf(nodeOf(anvil.url), getAddress(delivery.contract), "operator-c", 1);
    const now = compare(await decisions(), records, salt);
    return now.same > 0 && { ...now, differences: now.differences.filter(({ entry }) => entry !== undefined) };
  });
  expect(compared).toEqual({ same: 1, forgotten: 0, differences: [] });
  expect([bodies().filter(isOfPlayer).length, inQueue.filter(isOfPlayer).length]).toEqual([1, 1]);

  const tables = { playerTable: naming.of("table", "players"), auditTable: naming.of("table", "audit") };
  const log = createAuditLog({ client: dynamodb, ...tables });
  for (const operatorId of OPERATORS) {
    const kept = await log.head(operatorId);
    expect(kept.sequence).toBeGreaterThan(0);
    expect(await verify(operatorId, log.entries(operatorId, kept.sequence), kept)).not.toHaveProperty("broken");
  }
});
