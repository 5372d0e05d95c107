import { isDeepStrictEqual } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { createRandom } from "../../catalogue/datasets/kit/synthetic";
import type { Assessment, PlayerKey } from "../../catalogue/interventions/evidence";
import { fold, NO_EVIDENCE, withEntry } from "../../catalogue/interventions/fold";
import { RISK_GROUPS } from "../../catalogue/risk/risk";
import { chosenRules } from "../../config/schema/operators";
import type { BusEvent } from "../../contracts/bus";
import { toAssessment } from "../../handlers/interventions/intervene/assessment";
import { eventPutter } from "../../handlers/lib/aws/event-bus";
import { operatorRules } from "../../handlers/lib/interventions/rules";
import { createPlayerStore } from "../../handlers/lib/interventions/store";
import { Naming } from "../../modules/base/naming";
import { sleep, UserError } from "../lib/process";
import { emulatorSettings, type System } from "../lib/system";
import type { Result } from "./result";

const PLAYERS = 2_000;
const EACH = 5;
/** One without deliveries to ends that nobody plays here. */
const OPERATOR = "bench";
const PATIENCE_MS = 600_000;
/** Players who are looked at side by side. */
const LOOKERS = 50;

const playerOf = (number: number): PlayerKey => ({ operatorId: OPERATOR, playerId: `bench-${number % PLAYERS}` });

/** Makes assessments of all players, in the order of their time. */
function assessments(): readonly BusEvent<"PlayerAssessed">[] {
  const random = createRandom(12);
  return Array.from({ length: PLAYERS * EACH }, (_, number) => {
    const id = number.toString(16).padStart(32, "b");
    const at = new Date(Date.UTC(2026, 0, 1 + Math.floor(number / PLAYERS))).toISOString();
    const riskGroup = RISK_GROUPS[Math.floor(random.uniform() * RISK_GROUPS.length)] ?? "low";
    const predictions = [{ predictionId: id, model: "m", modelVersion: "1", score: 0.5, riskGroup, reasons: [] }];
    return {
      name: "PlayerAssessed",
      detail: { version: 1, id, at, ...playerOf(number), dataset: "gambling-behaviour", asOf: at, predictions },
    };
  });
}

/**
 * Measures how long assessments take to become interventions: doubled and shuffled on the bus, until every player's state
 * is what the assessments come to in order.
 */
export async function measureInterventions(system: System, at: (what: string) => void): Promise<Result[]> {
  const { config, emulator } = system;
  const settings = emulatorSettings(emulator, config);
  const naming = new Naming(config);
  const rulesOf = operatorRules(new Map(Object.entries(chosenRules(config.operators))));
  const client = new DynamoDBClient(settings);
  const store = createPlayerStore({ client, table: naming.of("table", "players"), rulesOf, now: Date.now });
  const put = eventPutter(new EventBridgeClient(settings), naming.of("bus", "events"));

  const all = assessments();
  const random = createRandom(34);
  const shuffled = [...all, ...all]
    .map((event) => ({ event, place: random.uniform() }))
    .sort((one, other) => one.place - other.place)
    .map(({ event }) => event);
  const started = performance.now();
  const untaken = await put(shuffled);
  if (untaken.length > 0) throw new UserError(`The bus did not take ${untaken.length} events.`);
  const published = performance.now() - started;

  const byPlayer = new Map<string, Assessment[]>();
  for (const { detail } of all) {
    byPlayer.set(detail.playerId, [...(byPlayer.get(detail.playerId) ?? []), toAssessment(detail)]);
  }
  const isDone = async (player: PlayerKey) => {
    const context = { rules: rulesOf(OPERATOR), player };
    const own = byPlayer.get(player.playerId) ?? [];
    const log = own.reduce((before, entry) => withEntry(before, entry, context).log, NO_EVIDENCE);
    return isDeepStrictEqual(await store.read(player), JSON.parse(JSON.stringify(fold(log, context))));
  };
  let waiting = Array.from({ length: PLAYERS }, (_, number) => playerOf(number));
  for (const deadline = Date.now() + PATIENCE_MS; waiting.length > 0; ) {
    if (Date.now() > deadline) throw new UserError(`${waiting.length} players have another state than in order.`);
    at(`${PLAYERS - waiting.length} of ${PLAYERS} players`);
    const some = waiting.slice(0, LOOKERS);
    const done = await Promise.all(some.map(isDone));
    const others = some.filter((_, place) => !done[place]);
    // Whoever is not done yet is asked again after the others.
    waiting = [...waiting.slice(LOOKERS), ...others];
    if (others.length === some.length) await sleep(200);
  }
  const value = performance.now() - started;
  return [
    {
      what: "assessments to interventions, doubled and shuffled",
      value: (shuffled.length / value) * 1000,
      unit: "records/s",
      detail: `${shuffled.length} events of ${PLAYERS} players; all on the bus after ${(published / 1000).toFixed(1)} s, all states as in order after ${(value / 1000).toFixed(1)} s`,
    },
  ];
}
