import { verify } from "../../../../../catalogue/interventions/audit";
import { type ChangeRef, createAuditLog } from "../../../../../handlers/lib/interventions/audit-log";
import { assessment } from "../../../catalogue/interventions/arbitrary";
import { fakePlayers, randomOf } from "./players";

const operatorId = "operator-a";
const refOf = (number: number, sequence = 1): ChangeRef => ({
  ...{ operatorId, playerId: `p-${number}` },
  sequence: String(sequence).padStart(10, "0"),
});

async function withChanges(players: number, random?: () => number) {
  const { store, tables } = fakePlayers({}, random);
  for (let number = 0; number < players; number += 1) {
    await store.apply(refOf(number), [assessment(number, 0, "high", { predictions: [] })]);
  }
  const auditLog = () =>
    createAuditLog({ client: tables.client, playerTable: "players", auditTable: "audit", pause: async () => {} });
  const entries = async () => {
    const all = [];
    for await (const entry of auditLog().entries(operatorId)) all.push(entry);
    return all;
  };
  return { store, tables, auditLog, entries, refs: Array.from({ length: players }, (_, number) => refOf(number)) };
}

test("changes are appended in their order, block by block, and marked with their place", async () => {
  const { store, auditLog, entries, refs } = await withChanges(60);
  const appended = await auditLog().append(operatorId, refs);
  const log = await entries();
  expect(log.map(({ sequence }) => sequence)).toEqual(refs.map((_, place) => place + 1));
  expect(await verify(operatorId, log, await auditLog().head(operatorId))).not.toHaveProperty("broken");
  refs.forEach((ref, place) => {
    const { detail, hash } = log[place] ?? {};
    expect(appended.get(ref)).toMatchObject({ detail, audit: { sequence: place + 1, hash } });
  });
  const [change] = (await store.history(refOf(3), { limit: 1 })).items;
  expect(change?.audit).toEqual({ sequence: 4, hash: log[3]?.hash });
});

test("what is on record is not put there again, also when it failed half way", async () => {
  const { tables, auditLog, entries, refs } = await withChanges(60);
  let writes = 0;
  tables.beforeWrite = () => {
    writes += 1;
    if (writes === 2) throw new Error("killed");
  };
  await expect(auditLog().append(operatorId, refs)).rejects.toThrow("killed");
  expect(await entries()).toHaveLength(25);
  await auditLog().append(operatorId, refs);
  const before = await entries();
  expect(await auditLog().append(operatorId, refs.toReversed())).toHaveProperty("size", 60);
  expect(await entries()).toEqual(before);
  expect(before).toHaveLength(60);
});

test("many who append at once, some the same, leave one chain with each change once", async () => {
  const { auditLog, entries, refs } = await withChanges(40, randomOf(9));
  const parts = [refs.slice(0, 20), refs.slice(10, 30), refs.slice(20, 40)];
  await Promise.all(parts.map((part) => auditLog().append(operatorId, part)));
  const log = await entries();
  expect(log).toHaveLength(40);
  expect(new Set(log.map(({ detail }) => (detail as { readonly id: string }).id)).size).toBe(40);
  expect(await verify(operatorId, log, await auditLog().head(operatorId))).not.toHaveProperty("broken");
});

test("a change that there is no more is left out", async () => {
  const { auditLog, refs } = await withChanges(1);
  expect([...(await auditLog().append(operatorId, [...refs, refOf(7)])).keys()]).toEqual(refs);
});
