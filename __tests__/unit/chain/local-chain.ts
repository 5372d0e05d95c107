import { type Address, createTestClient, type Hex, http, publicActions, walletActions } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { REGISTRY_ABI, REGISTRY_CODE } from "../../../chain/registry";
import { startAnvil } from "../../../scripts/lib/anvil";

/** Keys of anvil's own accounts, which everybody knows. */
const account = (key: Hex): PrivateKeyAccount => privateKeyToAccount(key);
export const owner = account("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
export const signer = account("0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d");
export const other = account("0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a");

/** Starts a chain of the test file's own, on which every transaction is mined at once. */
export async function startChain() {
  const anvil = await startAnvil();
  const client = createTestClient({ mode: "anvil", transport: http(anvil.url), pollingInterval: 5 })
    .extend(publicActions)
    .extend(walletActions);
  const ask = (method: string, params: readonly unknown[]) => client.request({ method, params } as never);
  return {
    ...anvil,
    client,
    /** Deploys a registry of `owner`'s. */
    deploy: async (): Promise<Address> => {
      const hash = await client.deployContract({
        abi: REGISTRY_ABI,
        bytecode: REGISTRY_CODE,
        account: owner,
        chain: null,
      });
      const { contractAddress } = await client.waitForTransactionReceipt({ hash });
      if (!contractAddress) throw new Error("The registry was not deployed");
      return contractAddress;
    },
    /** Takes back the latest blocks, and mines as many without their transactions. */
    reorganise: (depth: number) => ask("anvil_reorg", [depth, []]),
    /** Has the node forget the transactions that are in no block. */
    dropTransactions: () => ask("anvil_dropAllTransactions", []),
  };
}

export type LocalChain = Awaited<ReturnType<typeof startChain>>;
