import type { BusEvent } from "../../../../contracts/bus";
import { EVENT_SCHEMAS } from "../../../../contracts/events";
import { createHandler } from "../../../../handlers/interventions/publish-decisions/handler";
import { createAuditLog } from "../../../../handlers/lib/interventions/audit-log";
import { assessment } from "../../catalogue/interventions/arbitrary";
import { fakeTelemetry } from "../fakes";
import { fakePlayers } from "../lib/interventions/players";

const { telemetry, text } = fakeTelemetry();

/** A system of players, and what the stream would tell of them. */
function system() {
  const { store, tables } = fakePlayers();
  const published: BusEvent[] = [];
  const bus = { refuses: (_: BusEvent) => false, fails: false };
  const handler = createHandler({
    telemetry,
    audit: createAuditLog({
      client: tables.client,
      playerTable: "players",
      auditTable: "audit",
      pause: async () => {},
    }),
    putEvents: async (events) => {
      if (bus.fails) throw new Error("down");
      const refused = events.flatMap((event, place) => (bus.refuses(event) ? [place] : []));
      published.push(...events.filter((_, place) => !refused.includes(place)));
      return refused;
    },
  });
  const records = () =>
    tables.all("players").map(({ player, item }, place) => ({
      eventName: "INSERT",
      dynamodb: { SequenceNumber: `s-${place}`, Keys: { player, item } },
    }));
  return { store, tables, published, bus, handler, records };
}

const apply = async ({ store }: ReturnType<typeof system>, operatorId: string, number: number) =>
  store.apply({ operatorId, playerId: `p-${number}` }, [assessment(number, 0, "high")]);

test("changes are on record and then on the bus, as their contracts say", async () => {
  const all = system();
  for (const number of [1, 2]) await apply(all, "a", number);
  await apply(all, "b", 3);
  expect(await all.handler({ Records: all.records() })).toEqual({ batchItemFailures: [] });
  expect(all.published).toHaveLength(6);
  const details = all.published.map(({ name, detail }) => ({ name, ...EVENT_SCHEMAS[name].parse(detail) }));
  const decided = details.filter(({ name }) => name === "InterventionDecided");
  expect(decided).toMatchObject([
    { operatorId: "a", audit: { sequence: 1 } },
    { operatorId: "a", audit: { sequence: 3 } },
    { operatorId: "b", audit: { sequence: 1 } },
  ]);
  expect(details.filter(({ name }) => name === "MarketingSuppressed")).toHaveLength(3);
  expect(all.tables.all("audit")).toHaveLength(6 + 2);
});

test("what the bus does not take is given back, from the first on, and is on record once", async () => {
  const all = system();
  for (const number of [1, 2, 3]) await apply(all, "a", number);
  all.bus.refuses = ({ name, detail }) =>
    name === "InterventionDecided" && (detail as { playerId?: string }).playerId === "p-2";
  const records = all.records();
  const first = records.findIndex(
    ({ dynamodb }) => dynamodb.Keys.player?.S === "a|p-2" && dynamodb.Keys.item?.S?.startsWith("change"),
  );
  expect(await all.handler({ Records: records })).toEqual({ batchItemFailures: [{ itemIdentifier: `s-${first}` }] });
  all.bus.refuses = () => false;
  expect(await all.handler({ Records: records.slice(first) })).toEqual({ batchItemFailures: [] });
  expect(all.tables.all("audit")).toHaveLength(6 + 1);
  expect(new Set(all.published.map(({ detail }) => (detail as { id?: string }).id)).size).toBe(6);
});

test("nothing is published that is not on record", async () => {
  const all = system();
  await apply(all, "a", 1);
  all.tables.beforeWrite = () => {
    throw new Error("p-1 is secret");
  };
  const [first] = all.records().filter(({ dynamodb }) => dynamodb.Keys.item?.S?.startsWith("change"));
  expect(await all.handler({ Records: all.records() })).toEqual({
    batchItemFailures: [{ itemIdentifier: first?.dynamodb.SequenceNumber }],
  });
  expect(all.published).toEqual([]);
  expect(text()).not.toContain("p-1");
});

test("a bus that is down gets all of it later", async () => {
  const all = system();
  await apply(all, "a", 1);
  all.bus.fails = true;
  expect((await all.handler({ Records: all.records() })).batchItemFailures).toHaveLength(1);
  all.bus.fails = false;
  expect((await all.handler({ Records: all.records() })).batchItemFailures).toEqual([]);
  expect(all.published).toHaveLength(2);
  expect(all.tables.all("audit")).toHaveLength(2 + 1);
});

test("other items, and what is written to changes later, are no news", async () => {
  const all = system();
  await apply(all, "a", 1);
  const modified = all.records().map((record) => ({ ...record, eventName: "MODIFY" }));
  expect(await all.handler({ Records: modified })).toEqual({ batchItemFailures: [] });
  expect(all.published).toEqual([]);
});
