import { type Address, type Hex, parseEventLogs, parseTransaction } from "viem";
import { type ChainRecord, operatorKey } from "../../../../../chain/records";
import { REGISTRY_ABI } from "../../../../../chain/registry";
import { ChainFailure, type ChainNode, chainNode } from "../../../../../handlers/interventions/write-chain/node";
import { Overtaken } from "../../../../../handlers/interventions/write-chain/store";
import { type TurnSettings, takeTurn } from "../../../../../handlers/interventions/write-chain/turn";
import { type LocalChain, other, owner, signer, startChain } from "../../../chain/local-chain";
import { FakeStore } from "./signers";

const operator = operatorKey("operator-a");
let chain: LocalChain;
let contract: Address;
let node: ChainNode;
let clean: Hex;
beforeAll(async () => {
  chain = await startChain();
  contract = await chain.deploy();
  const request = {
    address: contract,
    abi: REGISTRY_ABI,
    functionName: "setSigner",
    account: owner,
    chain: null,
  } as const;
  await chain.client.writeContract({ ...request, args: [operator, signer.address, true] });
  // From here on blocks come when a test says so.
  await chain.client.setAutomine(false);
  await chain.client.mine({ blocks: 5 });
  node = chainNode(chain.url, contract, 60_000);
  clean = await chain.client.snapshot();
});
afterAll(() => chain.stop());

let now = 0;
let store: FakeStore;
let settings: TurnSettings;
beforeEach(async () => {
  await chain.client.revert({ id: clean });
  clean = await chain.client.snapshot();
  await chain.dropTransactions();
  // Fees are not taken back with the blocks.
  await chain.client.setNextBlockBaseFeePerGas({ baseFeePerGas: 1_000_000_000n });
  now = 1_800_000_000_000;
  store = new FakeStore();
  settings = {
    chainId: 31_337,
    contract,
    operator,
    confirmations: 3,
    mostFeePerGas: 100_000_000_000n,
    patienceMs: 60_000,
  };
});

const word = (number: number): Hex => `0x${number.toString(16).padStart(64, "0")}`;
const record = (id: number, fields: Partial<ChainRecord> = {}): ChainRecord => ({
  id: word(id),
  pseudonym: word(1000 + id),
  restrictions: word(1),
  auditHash: word(2),
  sequence: 1n,
  time: 1_800_000_000n,
  level: 2,
  ...fields,
});
const [one, two, three] = [record(1), record(2), record(3)];

const mine = (blocks: number) => chain.client.mine({ blocks });
const turn = (
  records: readonly ChainRecord[],
  changes: { readonly node?: Partial<ChainNode>; readonly store?: Partial<FakeStore> } = {},
) =>
  takeTurn(records, settings, {
    node: { ...node, ...changes.node },
    account: signer,
    store: changes.store ? Object.assign(Object.create(store), changes.store) : store,
    now: () => now,
  });
const final = async (...records: ChainRecord[]) => [...(await turn(records)).final];
const did = async (...records: ChainRecord[]) => (await turn(records)).did;

/** Ids of all records that the chain tells of, in their order. */
async function recorded(): Promise<readonly Hex[]> {
  const logs = await chain.client.getLogs({ address: contract, fromBlock: 0n });
  return parseEventLogs({ abi: REGISTRY_ABI, logs, eventName: "Recorded" }).map(({ args }) => args.id);
}

test("records are final once enough blocks have come", async () => {
  expect(await turn([one, two])).toEqual({ final: new Set(), refused: new Set(), did: ["sent"] });
  await mine(1);
  expect(await final(one, two)).toEqual([]);
  await mine(1);
  expect(await final(one, two)).toEqual([]);
  await mine(1);
  expect(await final(one, two)).toEqual([one.id, two.id]);
  expect(await recorded()).toEqual([one.id, two.id]);
});

test("a signer sends one transaction at a time, and the next when that is in a block", async () => {
  expect(await did(one)).toEqual(["sent"]);
  expect(await did(one, two)).toEqual(["sent-again"]);
  await mine(1);
  expect(await did(one, two)).toEqual(["sent"]);
  await mine(3);
  expect(await final(one, two)).toEqual([one.id, two.id]);
  expect(await recorded()).toEqual([one.id, two.id]);
});

test("behind a URL with nodes that lack the head, the chain is looked at as of the block before", async () => {
  const head = (await node.head()).number;
  const lacking = <T>(ask: (block: bigint) => Promise<T>, block: bigint) => {
    if (block >= head) throw new ChainFailure("reading the contract: header not found");
    return ask(block);
  };
  const late: Partial<ChainNode> = {
    head: async () => ({ ...(await node.head()), number: head }),
    commitments: async (by, ids, block) => lacking((at) => node.commitments(by, ids, at), block),
    nonce: async (address, block) => lacking((at) => node.nonce(address, at), block),
  };
  expect(await turn([one], { node: late })).toEqual({ final: new Set(), refused: new Set(), did: ["sent"] });
  await mine(3);
  expect(await final(one)).toEqual([one.id]);
});

test("transactions are forgotten once they are final", async () => {
  await turn([one]);
  await mine(2);
  await turn([one]);
  expect(store.kept.size).toBe(1);
  await mine(1);
  await turn([one]);
  expect(store.kept.size).toBe(0);
});

test("more records than a transaction takes go in several", async () => {
  const many = Array.from({ length: 130 }, (_, index) => record(index + 1));
  expect(await did(...many)).toEqual(["sent"]);
  await mine(1);
  expect(await did(...many)).toEqual(["sent"]);
  await mine(3);
  expect(await final(...many)).toHaveLength(130);
});

test("a writer that dies before it sends has the next one send the same transaction", async () => {
  const died = turn([one], { node: { send: async () => Promise.reject(new Error("killed")) } });
  await expect(died).rejects.toThrow("killed");
  expect(await did(one)).toEqual(["sent-again"]);
  await mine(3);
  expect(await final(one)).toEqual([one.id]);
  expect(await recorded()).toEqual([one.id]);
});

test("a writer that dies before it keeps the transaction has sent nothing", async () => {
  await expect(turn([one], { store: { add: async () => Promise.reject(new Error("killed")) } })).rejects.toThrow(
    "killed",
  );
  await mine(1);
  expect(await recorded()).toEqual([]);
  expect(await did(one)).toEqual(["sent"]);
});

test("a writer that dies after it has sent leaves nothing to be sent twice", async () => {
  const sendAndDie = async (raw: Hex) => {
    await node.send(raw);
    throw new Error("killed");
  };
  await expect(turn([one], { node: { send: sendAndDie } })).rejects.toThrow("killed");
  await mine(3);
  expect(await final(one)).toEqual([one.id]);
  expect(await recorded()).toEqual([one.id]);
});

test("of writers that run at once, one sends, and records are written once", async () => {
  const outcomes = await Promise.allSettled([turn([one, two]), turn([two, three]), turn([one, three])]);
  const sent = outcomes.filter((each) => each.status === "fulfilled" && each.value.did.includes("sent"));
  expect(sent).toHaveLength(1);
  const failed = outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  expect(failed.filter((error) => !(error instanceof Overtaken))).toEqual([]);
  await mine(1);
  await turn([one, two, three]);
  await mine(3);
  expect(await final(one, two, three)).toEqual([one.id, two.id, three.id]);
  expect([...(await recorded())].sort()).toEqual([one.id, two.id, three.id]);
});

test("a transaction that no block takes is offered with higher fees, until one does", async () => {
  await turn([one]);
  for (const attempt of [1, 2]) {
    const { maxFeePerGas = 0n } = parseTransaction((await store.transactions())[0]?.raw ?? "0x");
    await chain.client.setNextBlockBaseFeePerGas({ baseFeePerGas: maxFeePerGas + 1n });
    await mine(1);
    expect([attempt, await recorded()]).toEqual([attempt, []]);
    now += settings.patienceMs - 1;
    expect([attempt, await did(one)]).toEqual([attempt, ["sent-again"]]);
    now += 1;
    expect([attempt, await did(one)]).toEqual([attempt, ["offered-more"]]);
  }
  await mine(3);
  expect(await final(one)).toEqual([one.id]);
  expect(await recorded()).toEqual([one.id]);
});

test("no transaction offers more than it may", async () => {
  await turn([one]);
  now += settings.patienceMs;
  const { baseFee } = await node.head();
  settings = { ...settings, mostFeePerGas: 2n * baseFee + (await node.tip()) };
  expect(await did(one)).toEqual(["sent-again"]);
});

test("nothing is sent while blocks cost more than a transaction may offer", async () => {
  settings = { ...settings, mostFeePerGas: 1n };
  expect(await did(one)).toEqual(["waits-for-lower-fees"]);
  expect(store.kept.size).toBe(0);
});

test.each([1, 2])("a record whose block is gone after %d confirmations is sent again", async (blocks) => {
  await turn([one]);
  await mine(blocks);
  expect(await did(one)).toEqual([]);
  await chain.reorganise(blocks);
  await chain.dropTransactions();
  expect(await recorded()).toEqual([]);
  expect(await did(one)).toEqual(["sent-again"]);
  await mine(3);
  expect(await final(one)).toEqual([one.id]);
  expect(await recorded()).toEqual([one.id]);
});

test("transactions of several blocks that are gone are all sent again", async () => {
  await turn([one]);
  await mine(1);
  await turn([one, two]);
  await mine(1);
  await chain.reorganise(2);
  expect(await did(one, two, three)).toEqual(["sent-again", "sent-again"]);
  await mine(1);
  expect(await did(one, two, three)).toEqual(["sent"]);
  await mine(3);
  expect(await final(one, two, three)).toEqual([one.id, two.id, three.id]);
});

test("another transaction of the signer's takes a nonce, and the record is sent with the next", async () => {
  await turn([one]);
  const [kept] = await store.transactions();
  await chain.dropTransactions();
  await chain.client.sendTransaction({
    account: signer,
    to: other.address,
    nonce: kept?.nonce,
    value: 1n,
    chain: null,
  });
  await mine(1);
  expect(await did(one)).toEqual(["sent"]);
  await mine(3);
  expect(await final(one)).toEqual([one.id]);
});

test("transactions of a chain that began anew are forgotten, and their records sent", async () => {
  store.kept.set(7, { nonce: 7, raw: "0x02", signedAt: now });
  expect(await did(one)).toEqual(["sent"]);
  expect([...store.kept.keys()]).toEqual([0]);
  await mine(3);
  expect(await final(one)).toEqual([one.id]);
});

test("a record that was recorded otherwise is refused, and costs the others nothing", async () => {
  await turn([one]);
  await mine(1);
  const changed = record(1, { level: 3 });
  const { refused, did: done } = await turn([changed, two]);
  expect([...refused]).toEqual([one.id]);
  expect(done).toEqual(["sent"]);
  await mine(3);
  expect(await final(two)).toEqual([two.id]);
});

test.each<[string, () => Promise<unknown>, string | RegExp]>([
  [
    "the node is of another chain",
    () => {
      settings = { ...settings, chainId: 1 };
      return turn([one]);
    },
    "the node is of chain 31337, and the delivery of 1",
  ],
  ["there is no contract", () => turnAt(other.address), `there is no registry at ${other.address}`],
  [
    "the signer is not registered",
    () => {
      settings = { ...settings, operator: operatorKey("operator-b") };
      return turn([one]);
    },
    /^estimating gas: .*ExecutionReverted/,
  ],
  [
    "nobody answers",
    () => turn([one], { node: chainNode("http://127.0.0.1:9/secret", contract, 60_000) }),
    /HttpRequestError/,
  ],
])("it says so when %s, and keeps nothing", async (_, attempt, message) => {
  const error: Error = await attempt().then(
    () => new Error("nothing failed"),
    (thrown) => thrown,
  );
  expect(error.message).toMatch(message);
  expect(error.message).not.toMatch(/http:|secret/);
  expect(store.kept.size).toBe(0);
});

test("a transaction that the signer cannot pay for is kept, and sent when there is ether", async () => {
  const balance = await chain.client.getBalance(signer);
  await chain.client.setBalance({ address: signer.address, value: 0n });
  await expect(turn([one])).rejects.toThrow("the signer's account has too little to pay for gas");
  await chain.client.setBalance({ address: signer.address, value: balance });
  expect(await did(one)).toEqual(["sent-again"]);
  await mine(3);
  expect(await final(one)).toEqual([one.id]);
});

function turnAt(elsewhere: Address) {
  settings = { ...settings, contract: elsewhere };
  return turn([one], { node: chainNode(chain.url, elsewhere, 60_000) });
}
