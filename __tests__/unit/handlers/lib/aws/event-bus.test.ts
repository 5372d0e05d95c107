import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { mockClient } from "aws-sdk-client-mock";
import fc from "fast-check";
import type { BusEvent } from "../../../../../contracts/bus";
import { eventPutter } from "../../../../../handlers/lib/aws/event-bus";
import type { CallFailure } from "../../../../../handlers/lib/util/failure";

const eventBridge = mockClient(EventBridgeClient);
let failures: CallFailure[] = [];
const putEvents = eventPutter(new EventBridgeClient({ region: "eu-west-1" }), "vwt-events", (failure) => {
  failures.push(failure);
});
beforeEach(() => {
  eventBridge.reset();
  failures = [];
  // Pauses between tries are as short as they can be.
  jest.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => jest.restoreAllMocks());

const event = (playerId: string): BusEvent => ({
  name: "DeliveryFailed",
  detail: {
    version: 1,
    id: "0".repeat(32),
    at: "t",
    operatorId: "o",
    playerId,
    delivery: "d",
    eventId: "e",
    reason: "",
  },
});
const events = (count: number) => Array.from({ length: count }, (_, index) => event(`player-${index}`));
const calls = () => eventBridge.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries ?? []);
const playerOf = ({ Detail = "{}" }: PutEventsRequestEntry): string => JSON.parse(Detail).playerId;

/** Lets the bus answer each entry by its player and by how often it has come. */
function bus(answer: (player: string, time: number) => string | undefined): void {
  const times = new Map<string, number>();
  eventBridge.on(PutEventsCommand).callsFake(({ Entries = [] }: { Entries: readonly PutEventsRequestEntry[] }) => ({
    Entries: Entries.map((entry) => {
      const time = times.get(playerOf(entry)) ?? 0;
      times.set(playerOf(entry), time + 1);
      const ErrorCode = answer(playerOf(entry), time);
      return ErrorCode === undefined ? { EventId: "id" } : { ErrorCode, ErrorMessage: "secret" };
    }),
  }));
}

test("an event is an entry of our source, by its name, on our bus", async () => {
  bus(() => undefined);
  expect(await putEvents([event("p")])).toEqual([]);
  expect(calls()).toEqual([
    [
      {
        EventBusName: "vwt-events",
        Source: "vwt",
        DetailType: "DeliveryFailed",
        Detail: JSON.stringify(event("p").detail),
      },
    ],
  ]);
  expect(await putEvents([])).toEqual([]);
  expect(calls()).toHaveLength(1);
});

test("a call has ten entries at the most, and less than a megabyte", async () => {
  bus(() => undefined);
  await putEvents(events(25));
  expect(calls().map(({ length }) => length)).toEqual([10, 10, 5]);
  eventBridge.resetHistory();
  const large = events(4).map(({ name, detail }) => ({ name, detail: { ...detail, reason: "x".repeat(400_000) } }));
  await putEvents(large as BusEvent[]);
  expect(calls().map(({ length }) => length)).toEqual([2, 2]);
});

test("no more than five calls are under way at once", async () => {
  let now = 0;
  let most = 0;
  eventBridge.on(PutEventsCommand).callsFake(async ({ Entries }) => {
    now += 1;
    most = Math.max(most, now);
    await new Promise(setImmediate);
    now -= 1;
    return { Entries: Entries.map(() => ({ EventId: "id" })) };
  });
  expect(await putEvents(events(200))).toEqual([]);
  expect([calls().length, most]).toEqual([20, 5]);
});

test("entries that fail for now are tried again alone; those that never will be taken are not", async () => {
  bus((player, time) => {
    if (player === "player-1") return time < 2 ? "ThrottlingException" : undefined;
    if (player === "player-3") return "MalformedDetail";
    return player === "player-4" ? "InternalFailure" : undefined;
  });
  expect(await putEvents(events(5))).toEqual([3, 4]);
  expect(calls().map((entries) => entries.map(playerOf))).toEqual([
    events(5).map(({ detail }) => detail.playerId),
    ["player-1", "player-4"],
    ["player-1", "player-4"],
    ["player-4"],
  ]);
  expect(failures.map(({ message }) => message)).toContain("MalformedDetail");
  expect(JSON.stringify(failures)).not.toContain("secret");
});

test("an answer that says nothing of an entry is no promise", async () => {
  eventBridge
    .on(PutEventsCommand)
    .resolvesOnce({ FailedEntryCount: 0, Entries: [{ EventId: "id" }] })
    .resolves({ FailedEntryCount: 0 });
  expect(await putEvents(events(2))).toEqual([1]);
});

test.each([
  ["throttled", { name: "ThrottlingException" }, 4],
  ["refused", { name: "AccessDeniedException", $metadata: { httpStatusCode: 400 } }, 1],
])("a call that is %s leaves all its entries", async (kind, shape, tries) => {
  eventBridge.on(PutEventsCommand).rejects(Object.assign(new Error("secret"), shape));
  expect(await putEvents(events(2))).toEqual([0, 1]);
  expect(calls()).toHaveLength(tries);
  expect(failures.map((failure) => failure.kind)).toEqual(Array.from({ length: tries }, () => kind));
});

test("a bus that hangs is left when the signal says so, with nothing taken", async () => {
  eventBridge.on(PutEventsCommand).callsFake(() => new Promise(() => {}));
  const controller = new AbortController();
  const putting = putEvents(events(12), controller.signal);
  controller.abort();
  expect(await putting).toEqual(events(12).map((_, index) => index));
  expect(await putEvents(events(1), controller.signal)).toEqual([0]);
});

test("what was taken before the signal is not left, nor sent again", async () => {
  const controller = new AbortController();
  eventBridge.on(PutEventsCommand).callsFake(async ({ Entries }: { Entries: readonly PutEventsRequestEntry[] }) => {
    if (Entries.length < 10) return new Promise(() => {});
    setImmediate(() => controller.abort());
    return { Entries: Entries.map(() => ({ EventId: "id" })) };
  });
  expect(await putEvents(events(12), controller.signal)).toEqual([10, 11]);
});

test("exactly those are told that the bus never took", async () => {
  const fate = fc.constantFrom("taken", "late", "throttled", "malformed");
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { maxLength: 30 }), async (fates) => {
      eventBridge.reset();
      const taken = new Set<string>();
      bus((player, time) => {
        const own = fates[Number(player.replace("player-", ""))];
        if (own === "malformed") return "MalformedDetail";
        if (own === "throttled" || (own === "late" && time === 0)) return "ThrottlingException";
        taken.add(player);
        return undefined;
      });
      const left = await putEvents(events(fates.length));
      const untaken = events(fates.length).flatMap(({ detail }, index) => (taken.has(detail.playerId) ? [] : [index]));
      expect(left).toEqual(untaken);
    }),
    { numRuns: 30 },
  );
});
