import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import type { BusEvent } from "../../../../../contracts/bus";
import { parseEvent } from "../../../../../contracts/events";
import { eventSender } from "../../../../../handlers/lib/aws/event-queue";

const sqs = mockClient(SQSClient);
let failures: string[] = [];
const send = eventSender(new SQSClient({ region: "eu-west-1" }), "https://queue", ({ kind, message }) => {
  failures.push(`${kind} ${message}`);
});
beforeEach(() => {
  sqs.reset();
  failures = [];
});

const id = "0".repeat(32);
const events = Array.from(
  { length: 12 },
  (_, index): BusEvent => ({
    name: "MarketingSuppressed",
    detail: {
      ...{ version: 1, id, at: "2026-11-26T19:00:00Z", operatorId: "o", playerId: `player-${index}` },
      cause: "risk",
      recalls: [],
    },
  }),
);
type Input = { readonly Entries: readonly { readonly Id: string; readonly MessageBody: string }[] };

test("events come to the queue as EventBridge would bring them, ten a call", async () => {
  sqs
    .on(SendMessageBatchCommand)
    .callsFake(({ Entries }: Input) => ({ Successful: Entries.map(({ Id }) => ({ Id })) }));
  expect(await send(events)).toEqual([]);
  const inputs = sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input);
  expect(inputs.map(({ QueueUrl, Entries = [] }) => [QueueUrl, Entries.length])).toEqual([
    ["https://queue", 10],
    ["https://queue", 2],
  ]);
  const bodies = inputs.flatMap(({ Entries = [] }) => Entries.map(({ MessageBody = "" }) => MessageBody));
  expect(bodies.map(parseEvent)).toEqual(events);
});

test("those are told that the queue did not say it took", async () => {
  sqs.on(SendMessageBatchCommand).callsFake(({ Entries }: Input) => {
    if (Entries.length === 2) throw Object.assign(new Error("secret"), { name: "ThrottlingException" });
    return { Successful: Entries.slice(2).map(({ Id }) => ({ Id })), Failed: [{ Id: "1", Code: "InternalError" }] };
  });
  expect(await send(events)).toEqual([0, 1, 10, 11]);
  expect(failures.sort()).toEqual(["throttled ThrottlingException", "unavailable InternalError"]);
});

test("a queue that hangs is left when the signal says so", async () => {
  sqs.on(SendMessageBatchCommand).callsFake(() => new Promise(() => {}));
  const controller = new AbortController();
  const sending = send(events.slice(0, 2), controller.signal);
  controller.abort();
  expect(await sending).toEqual([0, 1]);
  expect(failures).toEqual(["timeout the budget is spent"]);
});
