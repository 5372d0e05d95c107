import type { Address, Hex, LocalAccount } from "viem";
import { decodeFunctionData, encodeFunctionData, parseTransaction } from "viem/utils";
import { type ChainRecord, commitmentOf } from "../../../chain/records";
import { REGISTRY_ABI } from "../../../chain/registry";
import { MOST_RECORDS } from "../../../contracts/chain";
import { type Fees, offer, offerMore } from "./fees";
import { ChainFailure, type ChainNode } from "./node";
import type { SignerStore, Transaction } from "./store";

export interface TurnSettings {
  readonly chainId: number;
  readonly contract: Address;
  /** Key of the operator on the chain. */
  readonly operator: Hex;
  /** Blocks, its own among them, after which a record is taken for final. */
  readonly confirmations: number;
  /** The most that a transaction offers, in wei per gas. */
  readonly mostFeePerGas: bigint;
  /** Milliseconds for which a transaction waits before it offers more. */
  readonly patienceMs: number;
}

export interface TurnPorts {
  readonly node: ChainNode;
  readonly account: LocalAccount;
  readonly store: Pick<SignerStore, "transactions" | "add" | "replace" | "forget">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What became of records, by their ids; those in neither are on their way. */
export interface Turn {
  /** They are in a block with enough others after it. */
  readonly final: ReadonlySet<Hex>;
  /** The operator has recorded something else under their ids. */
  readonly refused: ReadonlySet<Hex>;
  /** What was done about them. */
  readonly did: readonly ("sent" | "sent-again" | "offered-more" | "waits-for-lower-fees")[];
}

const NONE: Hex = `0x${"0".repeat(64)}`;

/**
 * Brings records onto the chain, as far as one look at it allows. What the contract says at a block is what counts, so a
 * block that is replaced by another takes its records back into what must be sent. A signer has at most one transaction
 * that is in no block, so that none waits for another's nonce; it is kept before it is sent, so that whoever comes after
 * a crash sends the same one. Throws a `ChainFailure`, and `Overtaken` when somebody else is at it.
 */
export async function takeTurn(
  records: readonly ChainRecord[],
  settings: TurnSettings,
  { node, account, store, now }: TurnPorts,
): Promise<Turn> {
  const { chainId, contract, operator, confirmations } = settings;
  const found = await node.chainId();
  if (found !== chainId) throw new ChainFailure(`the node is of chain ${found}, and the delivery of ${chainId}`);
  const did: Turn["did"][number][] = [];
  const head = await node.head();
  const finalBlock = head.number - BigInt(confirmations) + 1n;
  const ids = records.map(({ id }) => id);
  const [committed, nonce] = await look(head.number).catch((error: unknown) => {
    // Behind one URL there may be nodes of which some have not seen the head yet.
    if (error instanceof ChainFailure && head.number > 0n) return look(head.number - 1n);
    throw error;
  });
  if (!committed) throw new ChainFailure(`there is no registry at ${contract}`);
  const committedFinally = finalBlock < 0n ? undefined : await node.commitments(operator, ids, finalBlock);

  const own = records.map(commitmentOf);
  const among = (commitments: readonly Hex[] | undefined, matches: (commitment: Hex, own: Hex) => boolean) =>
    new Set(ids.filter((_, index) => matches(commitments?.[index] ?? NONE, own[index] as Hex)));
  const final = among(committedFinally, (commitment, mine) => commitment === mine);
  const written = among(committed, (commitment, mine) => commitment === mine);
  const refused = among(committed, (commitment, mine) => commitment !== NONE && commitment !== mine);

  const waiting = await unmined(nonce, finalBlock < 0n ? 0 : await node.nonce(account.address, finalBlock));
  for (const transaction of waiting) did.push(await pursue(transaction));

  const sent = new Set(waiting.flatMap(({ raw }) => idsIn(raw)));
  const free = records.filter(({ id }) => !written.has(id) && !refused.has(id) && !sent.has(id));
  if (waiting.length === 0 && free.length > 0) did.push(await send(free.slice(0, MOST_RECORDS)));
  return { final, refused, did };

  /** Reads what is recorded, and the signer's next nonce, as of a block. */
  function look(block: bigint): Promise<[readonly Hex[] | undefined, number]> {
    return Promise.all([node.commitments(operator, ids, block), node.nonce(account.address, block)]);
  }

  /** Finds the transactions that are in no block, and forgets those that are final. */
  async function unmined(next: number, nextFinally: number): Promise<readonly Transaction[]> {
    const kept = await store.transactions();
    const ahead = kept.filter((transaction) => transaction.nonce >= next);
    // Before a gap nothing of them gets into a block: what they hold is sent anew, from the nonce that is next.
    const stranded = ahead.length > 0 && ahead[0]?.nonce !== next;
    for (const { nonce: each } of kept) if (each < nextFinally || (stranded && each >= next)) await store.forget(each);
    return stranded ? [] : ahead;
  }

  /** Sends what waits once more, because nobody knows whether it was sent; with a higher fee when it waits for long. */
  async function pursue(before: Transaction): Promise<Turn["did"][number]> {
    const late = now() - before.signedAt >= settings.patienceMs;
    const { gas, data, maxFeePerGas, maxPriorityFeePerGas } = readTransaction(before.raw);
    const fees = late
      ? offerMore({ maxFeePerGas, maxPriorityFeePerGas }, await offered(), settings.mostFeePerGas)
      : undefined;
    if (!fees) {
      await node.send(before.raw);
      return "sent-again";
    }
    const transaction = await sign(before.nonce, gas, data, fees);
    await store.replace(before, transaction);
    await node.send(transaction.raw);
    return "offered-more";
  }

  async function send(some: readonly ChainRecord[]): Promise<Turn["did"][number]> {
    const fees = await offered();
    if (!fees) return "waits-for-lower-fees";
    const data = encodeFunctionData({ abi: REGISTRY_ABI, functionName: "recordMany", args: [operator, some] });
    // Others write meanwhile, which never makes it dearer by a tenth.
    const gas = ((await node.gas(account.address, data)) * 11n) / 10n;
    const transaction = await sign(nonce, gas, data, fees);
    await store.add(transaction);
    await node.send(transaction.raw);
    return "sent";
  }

  async function offered(): Promise<Fees | undefined> {
    return offer(head.baseFee, await node.tip(), settings.mostFeePerGas);
  }

  async function sign(at: number, gas: bigint, data: Hex, fees: Fees): Promise<Transaction> {
    const raw = await account.signTransaction({
      type: "eip1559",
      chainId,
      nonce: at,
      to: contract,
      gas,
      data,
      ...fees,
    });
    return { nonce: at, raw, signedAt: now() };
  }
}

/** Reads a transaction of ours. */
function readTransaction(raw: Hex) {
  const transaction = parseTransaction(raw);
  const { gas, data, maxFeePerGas, maxPriorityFeePerGas = 0n } = transaction;
  if (gas === undefined || data === undefined || maxFeePerGas === undefined) {
    throw new Error("A transaction of the chain table is none of this program's");
  }
  return { gas, data, maxFeePerGas, maxPriorityFeePerGas };
}

/** Lists the ids of the records that a transaction writes. */
function idsIn(raw: Hex): readonly Hex[] {
  const call = decodeFunctionData({ abi: REGISTRY_ABI, data: readTransaction(raw).data });
  return call.functionName === "recordMany" ? call.args[1].map(({ id }) => id) : [];
}
