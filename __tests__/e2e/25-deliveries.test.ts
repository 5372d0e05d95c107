import { randomBytes } from "node:crypto";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { EventDetail } from "../../contracts/events";
import { eventPutter } from "../../handlers/lib/aws/event-bus";
import { Naming } from "../../modules/base/naming";
import { endPrevious, knownDelivery, openCircuits, redrive, rotate } from "../../scripts/lib/deliveries";
import { depthOf, queuesOf } from "../../scripts/lib/queues";
import { waitingReviews } from "../../scripts/lib/reviews";
import { emulatorSettings, type System } from "../../scripts/lib/system";
import { type Receiver, startReceiver } from "./setup/receiver";
import { eventually, testSystem } from "./setup/system";

let system: System;
let naming: Naming;
let settings: ReturnType<typeof emulatorSettings>;
let sqs: SQSClient;
let secrets: SecretsManagerClient;
let receiver: Receiver;
let operatorsQueue = "";

/** Decides about players of an operator, and tells the bus so many times; answers the events' ids. */
async function decide(operatorId: string, players: number, times: number): Promise<readonly string[]> {
  const at = new Date().toISOString();
  const id = () => randomBytes(16).toString("hex");
  const details = Array.from({ length: players }, (_, player): EventDetail<"InterventionDecided"> => {
    const restrictions = { marketingStop: true } as const;
    const policy = { name: "uk", version: 1 };
    const audit = { sequence: 1, hash: "0".repeat(64) };
    const what = {
      sequence: 1,
      cause: "assessment",
      level: 1,
      previousLevel: 0,
      restrictions,
      reasons: [] as string[],
    } as const;
    return {
      ...what,
      version: 1,
      id: id(),
      at,
      operatorId,
      playerId: `p-${player}`,
      since: at,
      assessments: [id()],
      policy,
      audit,
    };
  });
  const bus = new EventBridgeClient(settings);
  const put = eventPutter(bus, naming.of("bus", "events"));
  const events = details.map((detail) => ({ name: "InterventionDecided", detail }) as const);
  for (let time = 0; time < times; time += 1) expect(await put(events)).toEqual([]);
  return details.map((detail) => detail.id).sort();
}

beforeAll(async () => {
  system = await testSystem();
  naming = new Naming(system.config);
  settings = emulatorSettings(system.emulator, system.config);
  sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  secrets = new SecretsManagerClient(settings);
  const { "operator-a": a, "operator-b": b } = system.config.operators;
  const [webhook] = a?.deliveries ?? [];
  const [queue] = b?.deliveries ?? [];
  if (webhook?.kind !== "webhook" || queue?.kind !== "queue") throw new Error("config/local.ts has other deliveries");
  receiver = await startReceiver(Number(new URL(webhook.url).port));
  const name = queue.queueArn.split(":").at(-1) ?? "";
  await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { FifoQueue: "true" } }));
  operatorsQueue = naming.queueUrl(name);
});
afterAll(() => receiver.close());

/** Ids of these events that the receiver accepted, each as often as that; predictions of other tests lead to others. */
const acceptedOf = (ids: readonly string[]) => receiver.accepted().filter((id) => ids.includes(id));

test("each operator gets the events of its own players once, by webhook and by queue", async () => {
  const [a, b] = [await decide("operator-a", 5, 2), await decide("operator-b", 5, 2)];
  await eventually(async () => acceptedOf(a).length >= 5);
  const received = new Map<string, string>();
  const ofB = () => [...received.values()].filter((id) => b.includes(id));
  await eventually(async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: operatorsQueue, MaxNumberOfMessages: 10, VisibilityTimeout: 60 }),
    );
    for (const { MessageId = "", Body = "{}" } of Messages) received.set(MessageId, JSON.parse(Body).data.id);
    return ofB().length >= 5;
  });
  expect([acceptedOf(a).sort(), ofB().sort()]).toEqual([a, b]);
  expect([acceptedOf(b), [...received.values()].filter((id) => a.includes(id))]).toEqual([[], []]);
});

test("a receiver that is down for longer than it is tried gets everything by redrive, signed with both secrets", async () => {
  const delivery = knownDelivery(system.config, "operator-a", "wallet");
  const dead = naming.queueUrl(naming.of("queue", "delivery-operator-a_wallet-dead"));
  const queue = naming.queueUrl(naming.of("queue", "delivery-operator-a_wallet"));
  await eventually(async () => Object.values(await depthOf(sqs, queue)).every((messages) => messages === 0));
  const { waiting: before } = await depthOf(sqs, dead);
  receiver.reset();
  receiver.always({ status: 503 });
  const ids = await decide("operator-a", 5, 1);
  const status = { sqs, naming, dynamodb: new DynamoDBClient(settings), cloudwatch: new CloudWatchClient(settings) };
  await eventually(async () => (await openCircuits(status, system.config)).some(({ name }) => name === "wallet"));
  await eventually(async () => (await depthOf(sqs, dead)).waiting >= before + 5);
  expect(await queuesOf(status, new Date())).toContainEqual(
    expect.objectContaining({ name: "delivery-operator-a_wallet-dead", waiting: expect.any(Number) }),
  );
  expect(await waitingReviews(status, ["operator-a"], new Date())).toEqual(expect.any(Array));

  const secret = await rotate({ secrets, naming }, delivery);
  expect(secret).toMatch(/^whsec_/);
  receiver.reset();
  expect(await redrive({ sqs, naming, pollMs: 100 }, delivery)).toBe(before + 5);
  await eventually(async () => new Set(acceptedOf(ids)).size === 5);
  expect(acceptedOf(ids).sort()).toEqual(ids);
  expect((await depthOf(sqs, dead)).waiting).toBe(0);
  await endPrevious({ secrets, naming }, delivery);
});
