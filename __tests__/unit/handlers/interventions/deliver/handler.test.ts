import fc from "fast-check";
import { EVENT_SCHEMAS } from "../../../../../contracts/events";
import { queues } from "../../../../../handlers/interventions/deliver/queue";
import { keyOf } from "../../../../../handlers/interventions/deliver/signature";
import { webhooks } from "../../../../../handlers/interventions/deliver/webhook";
import { type Behaviour, type Receiver, startReceiver } from "../../../../e2e/setup/receiver";
import { fakeTelemetry, named } from "../../fakes";
import { event, RULES, START, world } from "./world";

const log = fakeTelemetry();
const about = { operatorId: "operator-a", name: "wallet", deadLetters: "arn:aws:sqs:eu-west-1:000000000000:dead" };
const events = Array.from({ length: 40 }, (_, player) => event(player));
const ids = events.map(({ id }) => id).sort();
const bodies = events.map(({ body }) => body);

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.reset());
afterAll(() => receiver.close());

const key = keyOf(`whsec_${Buffer.alloc(32, 1).toString("base64")}`);
const webhookWorld = (rules = RULES) =>
  world(
    { ...about, kind: "webhook", url: receiver.url, secret: "wallet" },
    {
      webhook: webhooks({ reach: "loopback", keys: async () => [key], connectMs: 1_000, now: () => START }),
      queue: queues(async () => {}),
    },
    log.telemetry,
    rules,
  );

test("every event comes once, as the document that is published", async () => {
  const { send, run, queued } = webhookWorld();
  send(...bodies);
  await run(60);
  expect([...receiver.accepted()].sort()).toEqual(ids);
  expect(queued()).toBe(0);
  const { type, timestamp, data } = JSON.parse(receiver.calls[0]?.body ?? "");
  expect([type, timestamp]).toEqual(["InterventionDecided", "2026-11-26T00:00:00.000Z"]);
  expect(EVENT_SCHEMAS.InterventionDecided.parse(data)).toEqual(data);
  expect(log.metrics()).toContainEqual({ delivery: "webhook", Delivered: 10, DeliveryErrors: 0, CircuitsOpened: 0 });
});

test("an event that is there twice comes once, also at the same time", async () => {
  const { send, run, queued } = webhookWorld();
  send(...bodies.slice(0, 10), ...bodies.slice(0, 10));
  await run(600);
  send(...bodies.slice(0, 10));
  await run(600);
  expect([...receiver.accepted()].sort()).toEqual(
    events
      .slice(0, 10)
      .map(({ id }) => id)
      .sort(),
  );
  expect(queued()).toBe(0);
});

test("what was delivered as the function ended comes again by its id, and to no other message", async () => {
  const { send, run, store, queued } = webhookWorld();
  jest.spyOn(store, "delivered").mockRejectedValueOnce(named("ProvisionedThroughputExceededException"));
  send(event(0).body, event(1).body);
  await run(3_600);
  expect([...receiver.accepted()].sort()).toEqual([event(0).id, event(0).id, event(1).id].sort());
  expect(queued()).toBe(0);
  expect(log.text()).toContain("a message was left in its queue");
});

test("the double of an event that was delivered is no dead letter, though the receiver has been down since", async () => {
  const { send, run, dead, published, queued } = webhookWorld();
  send(event(0).body);
  await run(0);
  receiver.always("breaks off");
  send(event(0).body, ...bodies.slice(1, 11));
  await run(24 * 3_600);
  expect([queued(), dead().length, published.length]).toEqual([0, 10, 10]);
  expect(published.map(({ eventId }) => eventId)).not.toContain(event(0).id);
});

test("a receiver that answers 500 for a while is left alone after five failures, and gets everything then", async () => {
  const { send, run, circuit } = webhookWorld();
  receiver.always({ status: 500 });
  send(...bodies);
  await run(600);
  // Two batches at once, and then one call at a time, ever more seldom.
  expect(receiver.calls.length).toBeLessThan(30);
  expect(circuit()).toMatchObject({ openings: expect.any(Number), openUntil: expect.any(Number) });
  receiver.reset();
  await run(1_800);
  expect([...receiver.accepted()].sort()).toEqual(ids);
  expect(circuit()).toEqual({ failures: 0, openings: 0 });
  expect(log.metrics()).toContainEqual(expect.objectContaining({ CircuitsOpened: 1 }));
});

test.each<[string, Behaviour]>([
  ["hangs once", "hangs"],
  ["breaks off once", "breaks off"],
  ["sends elsewhere once", { status: 302, headers: { location: "/elsewhere" } }],
])("a receiver that %s has accepted every event once in the end", async (_, behaviour) => {
  const { send, run } = webhookWorld();
  receiver.next(behaviour);
  send(...bodies.slice(0, 5));
  await run(600);
  expect(receiver.calls).toHaveLength(6);
  expect([...receiver.accepted()].sort()).toEqual(
    events
      .slice(0, 5)
      .map(({ id }) => id)
      .sort(),
  );
});

test("once a receiver is back, nobody waits for as long as the trial might have taken", async () => {
  const { send, run, seconds, queued } = webhookWorld();
  receiver.always({ status: 500 });
  send(...bodies.slice(0, 20));
  await run(20);
  receiver.reset();
  await run(600);
  expect([queued(), new Set(receiver.accepted()).size]).toEqual([0, 20]);
  // The circuit opened for 30 seconds, and the third pause takes 20, each longer by a quarter.
  expect(seconds()).toBeLessThan(65);
});

test("a receiver says when to come again", async () => {
  const { send, run, minutes } = webhookWorld();
  receiver.next({ status: 503, headers: { "retry-after": "1200" } });
  send(event(0).body);
  await run(3_600);
  expect(receiver.accepted()).toEqual([event(0).id]);
  expect(minutes()).toBe(25);
});

test("a message is given up before its queue forgets it, however long the receiver asks for", async () => {
  const day = { ...RULES, retries: { first: 5, longest: 900, within: 86_400 } };
  const { send, run, queued, dead, minutes } = webhookWorld(day);
  receiver.always({ status: 503, headers: { "retry-after": "3600" } });
  send(event(0).body);
  await run(7 * 24 * 3_600);
  expect([queued(), dead().length]).toEqual([0, 1]);
  expect(minutes()).toBeGreaterThan(2 * 24 * 60);
  expect(minutes()).toBeLessThanOrEqual(3 * 24 * 60);
});

test("a receiver that is down for longer than a message is tried loses nothing: redrive delivers it", async () => {
  const { send, run, queued, dead, published, redrive, minutes } = webhookWorld();
  receiver.always("breaks off");
  send(...bodies);
  await run(24 * 3_600);
  expect([queued(), dead().length]).toEqual([0, 40]);
  expect(minutes()).toBeGreaterThanOrEqual(60);
  expect(published.map(({ eventId }) => eventId).sort()).toEqual(ids);
  expect(new Set(published.map(({ id }) => id)).size).toBe(40);
  expect(EVENT_SCHEMAS.DeliveryFailed.parse(published[0])).toMatchObject({
    operatorId: "operator-a",
    delivery: "wallet",
    reason: expect.stringMatching(/^the (call failed: Error ECONNRESET|receiver is out of order)$/),
  });

  receiver.reset();
  redrive();
  await run(24 * 3_600);
  expect([...receiver.accepted()].sort()).toEqual(ids);
  expect([queued(), dead().length]).toEqual([0, 0]);
});

test("a receiver that is gone is a dead letter at once, and left alone like one that fails", async () => {
  const { send, run, dead, circuit, published, queued } = webhookWorld();
  receiver.always({ status: 410, body: "no such page, player-1" });
  send(...bodies.slice(0, 30));
  await run(0);
  expect(receiver.calls).toHaveLength(20);
  expect(new Set(dead().map(({ reason }) => reason))).toEqual(new Set(["the receiver answered 410"]));
  expect([published.length, queued()]).toEqual([20, 10]);
  expect(circuit()).toMatchObject({ openings: 1 });
  expect(log.text()).not.toMatch(/player-|no such page|night-play/);
});

test.each([401, 404, 413])(
  "a receiver that answers %d by a mistake gets everything once it is mended",
  async (status) => {
    const { send, run, dead, queued, circuit } = webhookWorld();
    receiver.always({ status });
    send(...bodies.slice(0, 20));
    await run(1_200);
    expect([dead().length, queued()]).toEqual([0, 20]);
    expect(circuit()).toMatchObject({ openUntil: expect.any(Number) });
    receiver.reset();
    await run(2_400);
    expect([queued(), new Set(receiver.accepted()).size]).toEqual([0, 20]);
  },
);

test("what is no event for operators, or of another's player, is a dead letter, and nobody is told of a player", async () => {
  const { send, run, dead, published } = webhookWorld();
  const assessed = JSON.stringify({ source: "vwt", "detail-type": "PlayerAssessed", detail: {} });
  const wrong = event(0).body.replace('"level":2', '"level":"two"');
  const anothers = event(0).body.replace("operator-a", "operator-b");
  send("{", assessed, wrong, anothers, event(1).body);
  await run(0);
  expect(dead().map(({ reason }) => reason)).toEqual(Array(4).fill("it is no event that this operator gets"));
  expect([receiver.accepted(), published]).toEqual([[event(1).id], []]);
});

test("whatever lies in the queue, nothing stops what is behind it", async () => {
  const hostile = fc.sample(
    fc.oneof(
      fc.string({ minLength: 1 }),
      fc.json(),
      fc.object().map((detail) => JSON.stringify({ detail })),
    ),
    9,
  );
  const { send, run, dead } = webhookWorld();
  send(...hostile, event(0).body);
  await run(0);
  expect([receiver.accepted(), dead().length]).toEqual([[event(0).id], 9]);
});

test("fields that the event's schema lacks do not leave", async () => {
  const { send, run } = webhookWorld();
  send(event(0).body.replace('"level":2', '"level":2,"features":[1,2]'));
  await run(0);
  expect(receiver.calls[0]?.body).not.toContain("features");
});

describe("a queue", () => {
  const requests: object[] = [];
  let failure: Error | undefined;
  const queueWorld = (queue: string) =>
    world(
      { ...about, kind: "queue", queue },
      {
        webhook: () => {
          throw new Error("this is no webhook");
        },
        queue: queues(async (arn, message) => {
          if (failure) throw failure;
          requests.push({ arn, ...message });
        }),
      },
      log.telemetry,
    );
  beforeEach(() => {
    requests.length = 0;
    failure = undefined;
  });

  test("gets the same document", async () => {
    const { send, run } = queueWorld("arn:aws:sqs:eu-west-1:111122223333:interventions");
    send(event(0).body);
    await run(0);
    expect(requests).toEqual([
      { arn: "arn:aws:sqs:eu-west-1:111122223333:interventions", MessageBody: expect.stringMatching(/^\{"type":"Int/) },
    ]);
  });

  test("that is a FIFO keeps a player's in order, and takes one once", async () => {
    const { send, run } = queueWorld("arn:aws:sqs:eu-west-1:111122223333:interventions.fifo");
    send(event(0).body);
    await run(0);
    expect(requests).toEqual([
      expect.objectContaining({ MessageGroupId: "player-0", MessageDeduplicationId: event(0).id }),
    ]);
  });

  test.each([
    ...["AccessDenied", "KmsAccessDenied", "QueueDoesNotExist", "OverLimit"],
    ...["RequestThrottled", "KmsThrottled", "ThrottlingException"],
  ])("that answers %s is tried until its operator has mended it, and given up in the end", async (name) => {
    const { send, run, dead, queued, circuit } = queueWorld("arn:aws:sqs:eu-west-1:111122223333:interventions");
    failure = Object.assign(named(name, "quotes a payload"), { $metadata: { httpStatusCode: 400 } });
    send(...bodies.slice(0, 5));
    await run(0);
    expect([dead().length, queued()]).toEqual([0, 5]);
    expect(circuit()).toMatchObject({ openings: 1 });
    failure = undefined;
    await run(600);
    expect([requests.length, queued()]).toEqual([5, 0]);
    failure = named(name);
    send(event(9).body);
    await run(24 * 3_600);
    expect([queued(), dead()]).toMatchObject([0, [{ reason: `the queue answered ${name}` }]]);
  });
});
