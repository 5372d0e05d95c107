import { type BusEvent, envelopeOf } from "../../../../../contracts/bus";
import { createHandler } from "../../../../../handlers/interventions/republish/handler";
import { fakeTelemetry } from "../../fakes";

const output = fakeTelemetry();
const put: (readonly BusEvent[])[] = [];
let untaken: readonly number[] = [];
const handler = createHandler({
  telemetry: output.telemetry,
  putEvents: async (events) => {
    put.push(events);
    return untaken;
  },
});
beforeEach(() => {
  put.length = 0;
  untaken = [];
});

const event = (playerId: string): BusEvent => ({
  name: "MarketingSuppressed",
  detail: {
    ...{ version: 1, id: "0".repeat(32), at: "2026-11-26T19:00:00Z", operatorId: "o", playerId },
    cause: "risk",
    recalls: [],
  },
});
const batch = (...bodies: readonly string[]) => ({
  Records: bodies.map((body, place) => ({ messageId: `m${place}`, body, eventSource: "aws:sqs" })),
});
const failed = (...ids: readonly string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

test("events go to the bus; what it does not take stays in the queue", async () => {
  const input = batch(envelopeOf(event("p")), envelopeOf(event("q")));
  expect(await handler(input)).toEqual(failed());
  expect(put).toEqual([[event("p"), event("q")]]);
  untaken = [1];
  expect(await handler(input)).toEqual(failed("m1"));
});

test("a message that is no event stays, costs the others nothing, and is not quoted", async () => {
  const bodies = ["{player-1", JSON.stringify({ source: "vwt", "detail-type": "Other", detail: "player-1" })];
  untaken = [0];
  expect(await handler(batch(...bodies, envelopeOf(event("p"))))).toEqual(failed("m0", "m1", "m2"));
  expect(put).toEqual([[event("p")]]);
  expect(output.text()).toContain("m1");
  expect(output.text()).not.toContain("player-1");
});

test("what is no batch is refused", async () => {
  await expect(handler({})).rejects.toThrow("input Records is missing");
});
