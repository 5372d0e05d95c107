import fc from "fast-check";
import { type Address, BaseError, ContractFunctionRevertedError, type Hex, parseEventLogs } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { type ChainRecord, commitmentOf, operatorKey } from "../../../chain/records";
import { REGISTRY_ABI } from "../../../chain/registry";
import { type LocalChain, other, owner, signer, startChain } from "./local-chain";

let chain: LocalChain;
let address: Address;
beforeAll(async () => {
  chain = await startChain();
  address = await chain.deploy();
  await call(owner, "setSigner", [ours, signer.address, true]);
});
afterAll(() => chain.stop());

const ours = operatorKey("operator-a");
const theirs = operatorKey("operator-b");
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

/** Calls a function of the registry in a transaction, and answers its receipt. Throws when it is reverted. */
async function call(account: PrivateKeyAccount, functionName: string, args: readonly unknown[], to = address) {
  const { client } = chain;
  const asked = { address: to, abi: REGISTRY_ABI, functionName, args, account } as never;
  const { request } = await client.simulateContract(asked);
  return client.waitForTransactionReceipt({
    hash: await client.writeContract({ ...(request as object), chain: null } as never),
  });
}

/** The name of the contract's error that refuses a call. */
async function refusal(...asked: Parameters<typeof call>): Promise<string | undefined> {
  const error = await call(...asked).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const reverted = error instanceof BaseError && error.walk((each) => each instanceof ContractFunctionRevertedError);
  return reverted instanceof ContractFunctionRevertedError ? reverted.data?.errorName : undefined;
}

const read = (functionName: string, args: readonly unknown[]) =>
  chain.client.readContract({ address, abi: REGISTRY_ABI, functionName, args } as never) as Promise<unknown>;
const latestOf = (pseudonym: Hex) => read("latest", [ours, pseudonym]);

test("a record is told in an event, and committed to by the hash that we compute", async () => {
  const written = record(1);
  const { logs } = await call(signer, "record", [ours, written]);
  expect(parseEventLogs({ abi: REGISTRY_ABI, logs })).toMatchObject([
    { eventName: "Recorded", args: { operator: ours, ...written } },
  ]);
  expect(await read("commitmentsOf", [ours, [written.id, word(99)]])).toEqual([commitmentOf(written), word(0)]);
  expect(await latestOf(written.pseudonym)).toEqual([1n, 1_800_000_000n, 2]);
});

test("a record that comes twice changes nothing and tells nothing", async () => {
  const written = record(2);
  await call(signer, "record", [ours, written]);
  const { logs } = await call(signer, "recordMany", [ours, [written, written]]);
  expect(logs).toEqual([]);
});

test("what is written cannot be changed, and a batch with such a record writes nothing", async () => {
  await call(signer, "record", [ours, record(3)]);
  const changes: Partial<ChainRecord>[] = [
    { pseudonym: word(5) },
    { restrictions: word(5) },
    { auditHash: word(5) },
    { sequence: 5n },
    { time: 5n },
    { level: 5 },
  ];
  for (const change of changes) {
    expect(await refusal(signer, "record", [ours, record(3, change)])).toBe("RecordedOtherwise");
  }
  expect(await refusal(signer, "recordMany", [ours, [record(4), record(3, { level: 0 })]])).toBe("RecordedOtherwise");
  expect(await read("commitmentsOf", [ours, [word(4)]])).toEqual([word(0)]);
});

test("whatever order records of a player come in, the highest sequence holds and all are kept", async () => {
  let next = 100;
  const sequences = fc.shuffledSubarray([1, 2, 3, 4], { minLength: 4 });
  await fc.assert(
    fc.asyncProperty(sequences, async (order) => {
      const pseudonym = word(next++);
      const records = order.map((sequence) =>
        record(next++, { pseudonym, sequence: BigInt(sequence), level: sequence }),
      );
      await call(signer, "recordMany", [ours, records.slice(0, 2)]);
      await call(signer, "recordMany", [ours, records.slice(2)]);
      expect(await latestOf(pseudonym)).toEqual([4n, 1_800_000_000n, 4]);
      expect(await read("commitmentsOf", [ours, records.map(({ id }) => id)])).toEqual(records.map(commitmentOf));
    }),
    { numRuns: 5 },
  );
});

test("a record without sequence is refused", async () => {
  expect(await refusal(signer, "record", [ours, record(5, { sequence: 0n })])).toBe("WithoutSequence");
});

test("the operator's signer alone writes, not even the owner or another operator's", async () => {
  await call(owner, "setSigner", [theirs, other.address, true]);
  for (const account of [owner, other]) {
    expect(await refusal(account, "record", [ours, record(6)])).toBe("NotASigner");
    expect(await refusal(account, "recordMany", [ours, []])).toBe("NotASigner");
  }
});

test("an operator cannot take another one's ids", async () => {
  await call(other, "record", [theirs, record(7, { level: 9 })]);
  await call(signer, "record", [ours, record(7)]);
  expect(await read("commitmentsOf", [ours, [word(7)]])).toEqual([commitmentOf(record(7))]);
});

test("two signers may write while one takes over from the other", async () => {
  await call(owner, "setSigner", [ours, other.address, true]);
  await call(other, "record", [ours, record(8)]);
  await call(signer, "record", [ours, record(9)]);
  await call(owner, "setSigner", [ours, other.address, false]);
  expect(await refusal(other, "record", [ours, record(10)])).toBe("NotASigner");
});

test("the owner alone registers signers, and hands over to who takes it", async () => {
  const registry = await chain.deploy();
  const asOwner = [ours, signer.address, true] as const;
  expect(await refusal(other, "setSigner", asOwner, registry)).toBe("NotTheOwner");
  expect(await refusal(other, "offerOwnership", [other.address], registry)).toBe("NotTheOwner");
  await call(owner, "offerOwnership", [other.address], registry);
  expect(await refusal(signer, "takeOwnership", [], registry)).toBe("NotTheCandidate");
  await call(owner, "setSigner", asOwner, registry);
  await call(other, "takeOwnership", [], registry);
  expect(await refusal(owner, "setSigner", asOwner, registry)).toBe("NotTheOwner");
  expect(await refusal(other, "takeOwnership", [], registry)).toBe("NotTheCandidate");
});

test("it tells the block that it came with", async () => {
  const before = await chain.client.getBlockNumber();
  const registry = await chain.deploy();
  const since = await chain.client.readContract({ address: registry, abi: REGISTRY_ABI, functionName: "since" });
  expect(since).toBe(before + 1n);
});

test("ether is refused", async () => {
  const sent = chain.client.sendTransaction({ account: owner, to: address, value: 1n, chain: null });
  await expect(sent).rejects.toThrow("reverted");
});
