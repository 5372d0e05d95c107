import {
  type Address,
  type Client,
  createClient,
  getAddress,
  type Hex,
  http,
  type LocalAccount,
  parseEventLogs,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  deployContract,
  getBlockNumber,
  getCode,
  getLogs,
  readContract,
  waitForTransactionReceipt,
  writeContract,
} from "viem/actions";
import { type ChainRecord, operatorKey } from "../../chain/records";
import { REGISTRY_ABI, REGISTRY_CODE } from "../../chain/registry";
import { UserError } from "./process";

/** Opens a node of a chain. */
export const nodeOf = (url: string) => createClient({ transport: http(url), pollingInterval: 500 });
type Node = Client;

/** Variable of the shell with the key of the registry's owner, which is in no file and in no argument. */
export const OWNER_KEY = "VWT_CHAIN_OWNER_KEY";

/** Reads the key of the registry's owner. Throws a `UserError` when there is none. */
export function ownerOf(env: NodeJS.ProcessEnv): LocalAccount {
  const key = env[OWNER_KEY] ?? "";
  if (/^0x[0-9a-f]{64}$/i.test(key)) return privateKeyToAccount(key as Hex);
  throw new UserError(`Put the private key of the registry's owner into ${OWNER_KEY}: 0x and 64 hexadecimal digits.`);
}

/** Waits until a transaction is in a block. Throws a `UserError` when it failed there. */
export async function mined(node: Node, hash: Hex) {
  const receipt = await waitForTransactionReceipt(node, { hash });
  if (receipt.status !== "success") throw new UserError(`Transaction ${hash} failed.`);
  return receipt;
}

/** Deploys a registry of the owner's; answers its address. */
export async function deployRegistry(node: Node, owner: LocalAccount): Promise<Address> {
  const deployment = { abi: REGISTRY_ABI, bytecode: REGISTRY_CODE, account: owner, chain: null } as const;
  const { contractAddress } = await mined(node, await deployContract(node, deployment));
  if (!contractAddress) throw new UserError("The chain made no contract of the transaction.");
  return getAddress(contractAddress);
}

/** Tells whether a chain has something at an address. */
export const isDeployed = async (node: Node, address: Address): Promise<boolean> =>
  (await getCode(node, { address })) !== undefined;

/** Lets a signer write an operator's records; `false` when it may already. */
export async function allowSigner(
  node: Node,
  {
    registry,
    owner,
    operatorId,
    signer,
  }: { registry: Address; owner: LocalAccount; operatorId: string; signer: Address },
): Promise<boolean> {
  const contract = { address: registry, abi: REGISTRY_ABI } as const;
  const operator = operatorKey(operatorId);
  if (await readContract(node, { ...contract, functionName: "isSigner", args: [operator, signer] })) return false;
  const change = { functionName: "setSigner", args: [operator, signer, true], account: owner, chain: null } as const;
  await mined(node, await writeContract(node, { ...contract, ...change }));
  return true;
}

/** Blocks of the first question for events; nodes bound how many they answer for. */
const FIRST_RANGE = 10_000n;

/** Reads all records of an operator from the events of a registry, up to a block that `confirmations` make final. */
export async function recordsOf(
  node: Node,
  registry: Address,
  operatorId: string,
  confirmations: number,
): Promise<readonly ChainRecord[]> {
  const contract = { address: registry, abi: REGISTRY_ABI } as const;
  const last = (await getBlockNumber(node)) - BigInt(confirmations) + 1n;
  const found: ChainRecord[] = [];
  let range = FIRST_RANGE;
  for (let from = await readContract(node, { ...contract, functionName: "since" }); from <= last; ) {
    const to = from + range - 1n < last ? from + range - 1n : last;
    try {
      const logs = await getLogs(node, { address: registry, fromBlock: from, toBlock: to });
      const events = parseEventLogs({
        ...{ abi: REGISTRY_ABI, eventName: "Recorded", logs },
        args: { operator: operatorKey(operatorId) },
      });
      found.push(...events.map(({ args: { operator: _, ...record } }) => record));
    } catch (error) {
      if (range === 1n) throw error;
      range /= 2n;
      continue;
    }
    from = to + 1n;
  }
  return found;
}
