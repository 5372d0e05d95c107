import { type Address, BaseError, ContractFunctionZeroDataError, createClient, type Hex, http } from "viem";
import {
  estimateGas,
  estimateMaxPriorityFeePerGas,
  getBlock,
  getChainId,
  getTransactionCount,
  readContract,
  sendRawTransaction,
} from "viem/actions";
import { REGISTRY_ABI } from "../../../chain/registry";

/** A block, as far as fees go by it. */
export interface Head {
  readonly number: bigint;
  /** Wei per gas. */
  readonly baseFee: bigint;
}

/** What is asked of a node of the chain. Every call throws a `ChainFailure`. */
export interface ChainNode {
  readonly chainId: () => Promise<number>;
  readonly head: () => Promise<Head>;
  /** Counts an account's transactions up to a block, which is the nonce of its next one there. */
  readonly nonce: (address: Address, block: bigint) => Promise<number>;
  /** Reads what the operator has committed to under each id, as of a block; `undefined` where no contract was then. */
  readonly commitments: (operator: Hex, ids: readonly Hex[], block: bigint) => Promise<readonly Hex[] | undefined>;
  /** Wei per gas. */
  readonly tip: () => Promise<bigint>;
  readonly gas: (from: Address, data: Hex) => Promise<bigint>;
  /** Sends a transaction; one that the node knows, or whose nonce another one has, is no failure. */
  readonly send: (raw: Hex) => Promise<void>;
}

/** A call to the chain that failed. Its message says why in our words, because those of nodes may hold a secret URL. */
export class ChainFailure extends Error {
  override readonly name = "ChainFailure";
}

/**
 * What nodes say of a transaction that they have already, or will not take for now: whether it gets into a block shows
 * later, and one that does not is offered with a higher fee.
 */
const NEEDLESS = /already known|known transaction|already imported|nonce too low|underpriced|less than block base fee/i;

/** What nodes say, in our words. */
const REASONS: readonly [RegExp, string][] = [
  [/insufficient funds/i, "the signer's account has too little to pay for gas"],
  [/exceeds block gas limit|gas limit too high|exceeds .*gas cap/i, "the transaction is larger than the chain takes"],
];

/** Tells what went wrong by names and numbers alone. */
function failure(doing: string, error: unknown): ChainFailure {
  const said = saidBy(error);
  const known = REASONS.find(([pattern]) => pattern.test(said))?.[1];
  return new ChainFailure(`${doing}: ${known ?? namesOf(error).join(", ")}`);
}

/** Everything that the node said; not for logs. */
const saidBy = (error: unknown): string =>
  error instanceof BaseError ? `${error.details} ${saidBy(error.cause)}` : error instanceof Error ? error.message : "";

/** Lists the names of an error and its causes, and the contract's own name for it. */
function namesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { name, cause, status, code, data } = error as Error & {
    readonly status?: unknown;
    readonly code?: unknown;
    readonly data?: { readonly errorName?: unknown };
  };
  const about = [status, code, data?.errorName].filter((each) => ["string", "number"].includes(typeof each));
  return [[name, ...about].join(" "), ...namesOf(cause)];
}

/** Opens a contract of a chain by a node's URL. No call takes longer than `timeoutMs`. */
export function chainNode(url: string, contract: Address, timeoutMs: number): ChainNode {
  const client = createClient({ transport: http(url, { timeout: timeoutMs, retryCount: 1 }) });
  const asked = async <T>(doing: string, call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      throw failure(doing, error);
    }
  };
  return {
    chainId: () => asked("asking for the chain's id", getChainId(client)),
    head: async () => {
      const { number, baseFeePerGas } = await asked("asking for the latest block", getBlock(client));
      return { number, baseFee: baseFeePerGas ?? 0n };
    },
    nonce: (address, blockNumber) =>
      asked("counting transactions", getTransactionCount(client, { address, blockNumber })),
    commitments: async (operator, ids, blockNumber) => {
      const call = { address: contract, abi: REGISTRY_ABI, functionName: "commitmentsOf" } as const;
      try {
        return await readContract(client, { ...call, args: [operator, ids], blockNumber });
      } catch (error) {
        const none = error instanceof BaseError && error.walk((each) => each instanceof ContractFunctionZeroDataError);
        if (none) return undefined;
        throw failure("reading the contract", error);
      }
    },
    tip: () => asked("asking for the tip", estimateMaxPriorityFeePerGas(client)),
    gas: (account, data) => asked("estimating gas", estimateGas(client, { account, to: contract, data })),
    send: async (serializedTransaction) => {
      try {
        await sendRawTransaction(client, { serializedTransaction });
      } catch (error) {
        if (!NEEDLESS.test(saidBy(error))) throw failure("sending a transaction", error);
      }
    },
  };
}
