import type { BusEvent } from "../../../contracts/bus";
import { createAuditLog } from "../../../handlers/lib/interventions/audit-log";
import { publishLeft } from "../../../scripts/lib/decisions";
import { assessment } from "../catalogue/interventions/arbitrary";
import { fakeTelemetry } from "../handlers/fakes";
import { fakePlayers } from "../handlers/lib/interventions/players";

const { telemetry } = fakeTelemetry();

/** Players of two operators, of whose changes nobody was told. */
async function system() {
  const { store, tables, clock } = fakePlayers();
  const published: BusEvent[] = [];
  const bus = { refuses: false };
  const deps = {
    telemetry,
    dynamodb: tables.client,
    table: "players",
    audit: createAuditLog({
      client: tables.client,
      playerTable: "players",
      auditTable: "audit",
      pause: async () => {},
    }),
    putEvents: async (events: readonly BusEvent[]) => {
      if (bus.refuses) return events.map((_, place) => place);
      published.push(...events);
      return [];
    },
  };
  for (const number of [1, 2, 3]) {
    await store.apply({ operatorId: number === 3 ? "b" : "a", playerId: `p-${number}` }, [
      assessment(number, 0, "high"),
    ]);
  }
  const ids = () => published.map(({ detail }) => detail.id);
  return { deps, tables, published, ids, bus, store, clock };
}

test("decisions that the stream gave up are put on record and on the bus, once", async () => {
  const { deps, tables, ids } = await system();
  expect(await publishLeft(deps)).toEqual({ published: 6, failed: 0 });
  expect(new Set(ids()).size).toBe(6);
  expect(tables.all("audit")).toHaveLength(6 + 2);
  expect(await publishLeft(deps)).toEqual({ published: 0, failed: 0 });
  expect(ids()).toHaveLength(6);
});

test("those that are on record and that the bus refused are published again, of a time, with the same ids", async () => {
  const { deps, tables, ids, bus, store, clock } = await system();
  bus.refuses = true;
  expect(await publishLeft(deps)).toEqual({ published: 0, failed: 6 });
  bus.refuses = false;
  clock.now += 3_600_000;
  await store.apply({ operatorId: "a", playerId: "p-4" }, [assessment(4, 0, "high")]);
  const late = new Date(clock.now);
  expect(await publishLeft(deps, late)).toEqual({ published: 2, failed: 0 });
  expect(await publishLeft(deps, new Date(clock.now - 3_600_000))).toEqual({ published: 8, failed: 0 });
  expect([ids().length, new Set(ids()).size]).toEqual([10, 8]);
  expect(tables.all("audit")).toHaveLength(8 + 2);
});
