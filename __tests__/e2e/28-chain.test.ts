import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { getAddress } from "viem";
import { compare } from "../../chain/compare";
import type { EventDetail } from "../../contracts/events";
import { eventPutter } from "../../handlers/lib/aws/event-bus";
import { Naming } from "../../modules/base/naming";
import { type Anvil, startAnvil } from "../../scripts/lib/anvil";
import { nodeOf, recordsOf } from "../../scripts/lib/chain";
import {
  type ChainDelivery,
  chainsOf,
  type Environment,
  prepareChains,
  saltOf,
} from "../../scripts/lib/chain-deliveries";
import { emulatorSettings } from "../../scripts/lib/system";
import { eventually, testSystem } from "./setup/system";

const OPERATOR = "operator-c";
let anvil: Anvil;
let environment: Environment;
let delivery: ChainDelivery;
let publish: ReturnType<typeof eventPutter>;
beforeAll(async () => {
  const { config, emulator } = await testSystem();
  const settings = emulatorSettings(emulator, config);
  const naming = new Naming(config);
  environment = { config, naming, kms: new KMSClient(settings), secrets: new SecretsManagerClient(settings) };
  publish = eventPutter(new EventBridgeClient(settings), naming.of("bus", "events"));
  [delivery] = chainsOf(config, OPERATOR) as [ChainDelivery];
  anvil = await startAnvil();
  await prepareChains(environment, anvil.url);
});
afterAll(() => anvil.stop());

const decision = (sequence: number): EventDetail<"InterventionDecided"> => ({
  version: 1,
  id: sequence.toString(16).padStart(32, "0"),
  at: "2026-11-26T19:00:00.000Z",
  operatorId: OPERATOR,
  playerId: `player-${sequence}`,
  sequence: 1,
  cause: "assessment",
  level: 2,
  previousLevel: 0,
  restrictions: { bonusStop: true },
  since: "2026-11-26T19:00:00.000Z",
  reasons: [],
  assessments: ["f".repeat(32)],
  policy: { name: "cautious", version: 1 },
  audit: { sequence, hash: sequence.toString(16).padStart(64, "0") },
});

test("decisions are on the chain once, whoever sends them how often, signed by a key of KMS", async () => {
  const decisions = [decision(1), decision(2), decision(3)];
  const events = decisions.map((detail) => ({ name: "InterventionDecided" as const, detail }));
  expect(await publish([...events, ...events])).toEqual([]);
  const own = new Set<string>(decisions.map(({ audit }) => `0x${audit.hash}`));
  const recorded = await eventually(async () => {
    const all = await recordsOf(nodeOf(anvil.url), getAddress(delivery.contract), OPERATOR, 1);
    // Predictions of other tests have led to others.
    const records = all.filter(({ auditHash }) => own.has(auditHash));
    return records.length >= decisions.length && records;
  });
  const salt = await saltOf(environment, delivery);
  expect(compare(decisions, recorded, salt)).toEqual({ same: 3, forgotten: 0, differences: [] });
  expect(recorded).toHaveLength(3);
});
