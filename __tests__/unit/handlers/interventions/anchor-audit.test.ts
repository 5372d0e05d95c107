import { S3Client } from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { type Head, verify } from "../../../../catalogue/interventions/audit";
import { createHandler } from "../../../../handlers/interventions/anchor-audit/handler";
import { putOnce } from "../../../../handlers/lib/aws/objects";
import { auditHead, createAuditLog } from "../../../../handlers/lib/interventions/audit-log";
import { anchoredHeads } from "../../../../scripts/lib/audit";
import { assessment } from "../../catalogue/interventions/arbitrary";
import { lockedBucket } from "../../locked-bucket";
import { fakeTelemetry, named } from "../fakes";
import { fakePlayers } from "../lib/interventions/players";

const output = fakeTelemetry();
let players = 0;
const mock = mockClient(S3Client);
const s3 = new S3Client({ region: "eu-west-1" });
beforeEach(() => mock.reset());

/** Audit logs of operators, about players whose names nobody else's have. */
function fakeLog() {
  const { store, tables } = fakePlayers();
  const log = createAuditLog({
    ...{ client: tables.client, playerTable: "players", auditTable: "audit" },
    pause: async () => {},
  });
  return {
    ...{ tables, log },
    /** Puts a change of another player on record. */
    decide: async (operatorId: string) => {
      players += 1;
      const player = { operatorId, playerId: `p-${players}` };
      await store.apply(player, [assessment(players, 0, "high")]);
      await log.append(operatorId, [{ ...player, sequence: "0000000001" }]);
    },
  };
}

/** The audit logs of operators `a` and `b`, and the bucket of their heads, on a day that tests choose. */
function system() {
  const logs = fakeLog();
  const bucket = lockedBucket(mock);
  return {
    ...logs,
    bucket,
    anchor: (at: string, head: (operatorId: string) => Promise<Head> = auditHead(logs.tables.client, "audit")) =>
      createHandler({
        telemetry: output.telemetry,
        head,
        putOnce: putOnce(s3, "heads"),
        operators: ["a", "b"],
        now: () => new Date(at),
      })(),
    verify: async (operatorId: string, log = logs.log) => {
      const heads = await anchoredHeads(s3, "heads", operatorId);
      return verify(operatorId, log.entries(operatorId), await log.head(operatorId), heads);
    },
  };
}

test("the head of every operator that has a log is kept, once a day", async () => {
  const all = system();
  await all.decide("a");
  await all.anchor("2026-11-26T00:15:00.000Z");
  const { sequence, hash } = await all.log.head("a");
  await all.decide("a");
  // Tried again on the same day, and asked on the next.
  await all.anchor("2026-11-26T00:17:00.000Z");
  await all.anchor("2026-11-27T00:15:00.000Z");
  expect(all.bucket.map(({ key }) => key)).toEqual(["heads/a/2026-11-26.json", "heads/a/2026-11-27.json"]);
  expect(JSON.parse(all.bucket[0]?.body ?? "")).toEqual({
    ...{ operatorId: "a", sequence, hash, at: "2026-11-26T00:15:00.000Z" },
  });
  expect(await all.verify("a")).toEqual({});
  expect(output.text()).toMatch(/was anchored before/);
});

test("an operator that fails stops no other, and has the function fail", async () => {
  const all = system();
  await all.decide("b");
  const down = async (operatorId: string) => {
    if (operatorId === "a") throw named("InternalServerError");
    return auditHead(all.tables.client, "audit")(operatorId);
  };
  await expect(all.anchor("2026-11-26T00:15:00.000Z", down)).rejects.toThrow(
    "the heads of the audit logs of a were not anchored",
  );
  expect(all.bucket.map(({ key }) => key)).toEqual(["heads/b/2026-11-26.json"]);
  expect(output.text()).toMatch(/InternalServerError/);
});

test("a log that was written anew, whole and with its head, is told by the head of a former day", async () => {
  const all = system();
  for (const day of ["26", "27"]) {
    for (const _ of "12") await all.decide("a");
    await all.anchor(`2026-11-${day}T00:15:00.000Z`);
  }
  const forged = fakeLog();
  for (const _ of "123456") await forged.decide("a");
  expect(await verify("a", forged.log.entries("a"), await forged.log.head("a"))).toEqual({});
  expect(await all.verify("a", forged.log)).toEqual({
    broken: {
      sequence: 2,
      why: "is another than the head that was anchored at 2026-11-26T00:15:00.000Z, so the log was written anew or cut",
    },
  });
  const emptied = fakeLog();
  expect(await all.verify("a", emptied.log)).toMatchObject({
    broken: { sequence: 2, why: expect.stringMatching(/^is missing; it was the head at/) },
  });
});
