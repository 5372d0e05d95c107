import { isDeepStrictEqual } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { verify } from "../../catalogue/interventions/audit";
import type { PlayerKey } from "../../catalogue/interventions/evidence";
import { fold, NO_EVIDENCE, withEntry } from "../../catalogue/interventions/fold";
import { RISK_GROUPS } from "../../catalogue/risk/risk";
import { chosenRules } from "../../config/schema/operators";
import type { BusEvent } from "../../contracts/bus";
import { toAssessment } from "../../handlers/interventions/intervene/assessment";
import { eventPutter } from "../../handlers/lib/aws/event-bus";
import { createAuditLog } from "../../handlers/lib/interventions/audit-log";
import { operatorRules } from "../../handlers/lib/interventions/rules";
import { createPlayerStore } from "../../handlers/lib/interventions/store";
import { Naming } from "../../modules/base/naming";
import { keepConformance } from "../../scripts/lib/conformance";
import { emulatorSettings } from "../../scripts/lib/system";
import { eventually, killFunction, restartEmulator, testSystem } from "./setup/system";

const PLAYERS = 20;
const EACH = 5;
const operatorId = "operator-a";
const playerOf = (number: number): PlayerKey => ({ operatorId, playerId: `e2e:order-${number % PLAYERS}` });
const hex = (number: number) => number.toString(16).padStart(32, "e");

/** Assessments of some players, five each, in the order of their time. */
const events = Array.from({ length: PLAYERS * EACH }, (_, number): BusEvent<"PlayerAssessed"> => {
  const riskGroup = RISK_GROUPS[(number * 7 + Math.floor(number / PLAYERS)) % RISK_GROUPS.length] ?? "low";
  const at = new Date(Date.UTC(2026, 0, 1 + Math.floor(number / PLAYERS))).toISOString();
  return {
    name: "PlayerAssessed",
    detail: {
      ...{ version: 1, id: hex(number), at, ...playerOf(number), dataset: "gambling-behaviour", asOf: at },
      predictions: [
        { predictionId: hex(number), model: "m", modelVersion: "1", score: 0.5, riskGroup, reasons: ["night-play"] },
      ],
    },
  };
});

async function opened() {
  const { emulator, config } = await testSystem();
  const settings = emulatorSettings(emulator, config);
  const naming = new Naming(config);
  const client = new DynamoDBClient(settings);
  const rulesOf = operatorRules(new Map(Object.entries(chosenRules(config.operators))));
  const [players, audit] = [naming.of("table", "players"), naming.of("table", "audit")];
  return {
    emulator,
    rulesOf,
    store: createPlayerStore({ client, table: players, rulesOf, now: Date.now }),
    log: createAuditLog({ client, playerTable: players, auditTable: audit }),
    put: eventPutter(new EventBridgeClient(settings), naming.of("bus", "events")),
  };
}

test("assessments that come twice, in any order, with functions and the emulator killed in between, come to one state and one record each", async () => {
  const before = await opened();
  // Each twice, neighbours far apart, the latest first.
  const twice = [...events, ...events].toSorted(
    (one, other) =>
      (Number.parseInt(other.detail.id.slice(-4), 16) % 13) - (Number.parseInt(one.detail.id.slice(-4), 16) % 13),
  );
  expect(await before.put(twice.slice(0, 60))).toEqual([]);
  for (const name of ["intervene", "publish-decisions"]) {
    await eventually(async () => killFunction(before.emulator, name) > 0);
  }
  expect(await before.put(twice.slice(60, 120))).toEqual([]);
  // It cannot be asked any more afterwards.
  await keepConformance(before.emulator);
  process.kill(before.emulator.pid, "SIGKILL");
  await restartEmulator(before.emulator);
  const { store, log, put, rulesOf } = await opened();
  expect(await put(twice.slice(100))).toEqual([]);

  for (let number = 0; number < PLAYERS; number += 1) {
    const player = playerOf(number);
    const context = { rules: rulesOf(operatorId), player };
    const own = events
      .filter(({ detail }) => detail.playerId === player.playerId)
      .map(({ detail }) => toAssessment(detail));
    const inOrder = fold(
      own.reduce((all, entry) => withEntry(all, entry, context).log, NO_EVIDENCE),
      context,
    );
    const state = JSON.parse(JSON.stringify(inOrder)) as unknown;
    // Late ones may still come; what holds in the end is what they come to in order.
    await eventually(async () => isDeepStrictEqual(await store.read(player), state));
    const { items } = await eventually(async () => {
      const history = await store.history(player, { limit: 50 });
      return history.items.every(({ audit }) => audit) && history;
    });
    expect(new Set(items.map(({ detail }) => detail.id)).size).toBe(items.length);
  }

  const kept = await log.head(operatorId);
  const ids: string[] = [];
  const entries = async function* () {
    for await (const entry of log.entries(operatorId, kept.sequence)) {
      ids.push((entry.detail as { readonly id: string }).id);
      yield entry;
    }
  };
  expect(await verify(operatorId, entries(), kept)).toEqual({});
  expect(new Set(ids).size).toBe(ids.length);
});
