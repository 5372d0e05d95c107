import type { Address } from "viem";
import { recordOf } from "../../../../../chain/records";
import { EVENT_SOURCE } from "../../../../../contracts/bus";
import type { EventDetail } from "../../../../../contracts/events";
import { createHandler } from "../../../../../handlers/interventions/write-chain/handler";
import { chainNode } from "../../../../../handlers/interventions/write-chain/node";
import { writerOf } from "../../../../../handlers/interventions/write-chain/writer";
import { deadLettersOf } from "../../../../../handlers/lib/deliveries/dead-letters";
import { allowSigner, recordsOf } from "../../../../../scripts/lib/chain";
import { type LocalChain, owner, signer, startChain } from "../../../chain/local-chain";
import { fakeTelemetry } from "../../fakes";
import { FakeStore } from "./signers";

const QUEUE = "arn:aws:sqs:eu-west-1:000000000000:vwt-local-chain-operator-c_chain";
const SALT = Buffer.alloc(32, 7);
const RULES = {
  retries: { first: 5, longest: 60, within: 300 },
  connectSeconds: 5,
  callSeconds: 5,
  circuit: { failures: 5, open: 30, longest: 60 },
};
const { telemetry, metrics, text } = fakeTelemetry();

let chain: LocalChain;
let contract: Address;
beforeAll(async () => {
  chain = await startChain();
  contract = await chain.deploy();
  await allowSigner(chain.client, { registry: contract, owner, operatorId: "operator-c", signer: signer.address });
});
afterAll(() => chain.stop());

let store: FakeStore;
let postponed: [handle: string, seconds: number][];
let dead: [reason: string, body: string][];
let published: string[];
let url: string;
let confirmations: number;
let now: number;
beforeEach(() => {
  store = new FakeStore();
  [postponed, dead, published, url, confirmations, now] = [[], [], [], chain.url, 1, 1_800_000_000_000];
});

const decision = (id: number, changes: Partial<EventDetail<"InterventionDecided">> = {}) =>
  ({
    version: 1,
    id: id.toString(16).padStart(32, "0"),
    at: "2026-11-26T19:00:00.000Z",
    operatorId: "operator-c",
    playerId: `player-${id}`,
    sequence: 1,
    cause: "assessment",
    level: 2,
    previousLevel: 0,
    restrictions: { bonusStop: true },
    since: "2026-11-26T19:00:00.000Z",
    reasons: [],
    assessments: ["f".repeat(32)],
    policy: { name: "cautious", version: 1 },
    audit: { sequence: id, hash: id.toString(16).padStart(64, "0") },
    ...changes,
  }) satisfies EventDetail<"InterventionDecided">;

const bodyOf = (detail: object, name = "InterventionDecided") =>
  JSON.stringify({ source: EVENT_SOURCE, "detail-type": name, detail });

/** Calls the function with messages of these bodies; answers which come again. */
async function call(bodies: readonly string[], receipts = 1): Promise<readonly string[]> {
  const handler = createHandler({
    environment: { DELIVERY_PARAMETERS: "/vwt/local/deliveries/", DELIVERY_RULES: RULES },
    telemetry,
    writerOf: writerOf({
      parameter: async (name) => {
        if (name !== "/vwt/local/deliveries/vwt-local-chain-operator-c_chain") throw new Error(name);
        return JSON.stringify({
          ...{ operatorId: "operator-c", name: "chain", deadLetters: "arn:dead", chainId: 31_337, confirmations },
          ...{ contract: contract.toLowerCase(), mostFeeInGwei: 100, key: "arn:key", salt: "salt", rpcSecret: "rpc" },
        });
      },
      secret: async (name) => (name === "rpc" ? url : SALT.toString("base64")),
      account: async () => signer,
      node: (at, address) => chainNode(at, address, 60_000),
      store: (key) => {
        expect(key).toBe(`31337|${signer.address}`);
        return store;
      },
    }),
    deadLetters: deadLettersOf({
      telemetry,
      send: async (arn, { MessageBody = "", MessageAttributes }) => {
        expect(arn).toBe("arn:dead");
        dead.push([MessageAttributes?.reason?.StringValue ?? "", MessageBody]);
      },
      putEvents: async (events) => {
        published.push(...events.map(({ name }) => name));
        return [];
      },
      now: () => now,
    }),
    postpone: async (queue, handle, seconds) => {
      expect(queue).toBe(QUEUE);
      postponed.push([handle, seconds]);
    },
    now: () => now,
    sleep: async (ms) => {
      now += ms;
      await chain.mined();
    },
    timeout: () => new AbortController().signal,
    chance: () => 0,
  });
  const started = now;
  const Records = bodies.map((body, index) => ({
    ...{ messageId: `m${index}`, receiptHandle: `h${index}`, body, eventSourceARN: QUEUE },
    attributes: { ApproximateReceiveCount: String(receipts), SentTimestamp: String(now) },
  }));
  const context = { awsRequestId: "call", getRemainingTimeInMillis: () => started + 60_000 - now };
  return (await handler({ Records }, context)).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

const recorded = () => recordsOf(chain.client, contract, "operator-c", 1);

test("decisions are written once, however often their messages come, and read back as they are", async () => {
  const decisions = [decision(1), decision(2, { sequence: 7, level: 0 })];
  const bodies = decisions.map((each) => bodyOf(each));
  expect(await call([...bodies, ...bodies])).toEqual([]);
  expect(await call([bodyOf(decisions[0] as object, "InterventionChanged")])).toEqual([]);
  expect(await recorded()).toEqual(decisions.map((each) => recordOf(SALT, each)));
  expect(metrics()).toMatchObject([
    { delivery: "chain", ChainRecords: 2, ChainTransactions: 1, ChainReplacements: 0, ChainFailures: 0 },
    { delivery: "chain", ChainRecords: 1, ChainTransactions: 0 },
  ]);
});

test("a decision that is not final yet comes again", async () => {
  confirmations = 3;
  expect(await call([bodyOf(decision(3))])).toEqual(["m0"]);
  expect(postponed).toEqual([["h0", 5]]);
  await chain.client.mine({ blocks: 2 });
  expect(await call([bodyOf(decision(3))])).toEqual([]);
});

test("while the chain fails, decisions come again later and later, and are dead letters in the end", async () => {
  url = "http://127.0.0.1:9/secret";
  expect(await call([bodyOf(decision(4))])).toEqual(["m0"]);
  now += 10_000;
  expect(await call([bodyOf(decision(4))], 4)).toEqual(["m0"]);
  expect(postponed).toEqual([
    ["h0", 5],
    ["h0", 40],
  ]);
  expect(metrics().map(({ ChainFailures }) => ChainFailures)).toEqual([1, 1]);
  expect(await call([bodyOf(decision(4))], 50)).toEqual([]);
  expect(dead).toHaveLength(1);
  expect(published).toEqual(["DeliveryFailed"]);
  // Redriven, it is a new message.
  url = chain.url;
  now += 600_000;
  expect(await call([dead[0]?.[1] ?? ""])).toEqual([]);
  expect((await recorded()).at(-1)).toEqual(recordOf(SALT, decision(4)));
});

test("a decision that the chain has otherwise is a dead letter at once", async () => {
  await call([bodyOf(decision(5))]);
  expect(await call([bodyOf(decision(5, { level: 3 })), bodyOf(decision(6))])).toEqual([]);
  expect(dead.map(([reason]) => reason)).toEqual(["the chain has another record of this event"]);
  expect(published).toEqual(["DeliveryFailed"]);
});

test.each([
  ["no event", "{}"],
  ["an event of another kind", bodyOf({}, "PlayerAssessed")],
  ["a decision of another operator", bodyOf(decision(7, { operatorId: "operator-a" }))],
  ["a decision without a level", bodyOf({ ...decision(8), level: undefined })],
])("%s is a dead letter, and costs the others nothing", async (_, body) => {
  const before = (await recorded()).length;
  expect(await call([body, bodyOf(decision(9))])).toEqual([]);
  expect(dead).toEqual([["it is no decision about a player of the operator's", body]]);
  expect((await recorded()).length - before).toBeLessThanOrEqual(1);
});

test("no log tells of players, of the salt or of the node's address", async () => {
  url = "http://127.0.0.1:9/secret";
  await call([bodyOf(decision(10))]);
  url = chain.url;
  store = new FakeStore();
  await call([bodyOf(decision(10)), "{}"]);
  expect(text()).toContain("the chain failed");
  expect(text()).not.toMatch(/player-|secret|127\.0\.0\.1|BwcH/);
});

test("the registry tells of each operator's records apart", async () => {
  expect(await recordsOf(chain.client, contract, "operator-a", 1)).toEqual([]);
});
